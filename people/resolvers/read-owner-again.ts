/** A function stands once in a pipeline: AWS does not say whether it may stand there twice. */
export { request, response } from "./read-owner.ts";
