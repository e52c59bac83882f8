/** The second attempt; a function stands once in a pipeline. */
export { request, response } from "./write-own-person.ts";
