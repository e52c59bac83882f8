/** Adds what an operator can do where the SDK only names what is missing. */
export function troubleOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message } = error;
  if (message === "Region is missing") return "no region: name one with --region, or set AWS_REGION";
  if (name === "CredentialsProviderError")
    return `no credentials: sign in, and name the profile with AWS_PROFILE (${message})`;
  if ("code" in error && error.code === "ECONNREFUSED")
    return `the endpoint does not answer: is npm start running there? (${message})`;
  if ("code" in error && (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN"))
    return `no such host: is the endpoint right, or the Region, and is there a network? (${message})`;
  return message;
}
