/** `GET /`: links to everything in this runtime. */
import { PEOPLE } from "./people.ts";

/** Of the ports. */
export interface PageAddresses {
  readonly app: string;
  readonly tls: string;
  readonly aws: string;
}

export function frontPage(
  outputs: Readonly<Record<string, string>>,
  { app, tls, aws }: PageAddresses,
): string {
  const people = PEOPLE.map(
    ({ username, password, ...rest }) =>
      `<tr><td><a href="/phone?as=${username}">${username}’s phone</a></td><td><code>${password}</code></td><td>${"groups" in rest ? "operator" : ""}</td></tr>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Ringmaster</title><style>${STYLE}</style><main>
<h1>Ringmaster</h1>
<p>The back end of a calling app, running here as the stack would on AWS. Open two phones in two tabs, and call.</p>
<table><tr><th>Phone</th><th>Password</th><th></th></tr>${people.join("\n")}</table>
<p>To sign up, open <a href="/phone">a phone without a name</a>. The code is in the terminal and at
<code>/local/mail/&lt;username&gt;</code>.</p>
<p><a href="/console">The console</a> shows every call as it happens: each is one Step Functions execution.</p>
<h2>For programs</h2><table>
${rows({ "REST API": app, "The same over TLS": tls, "AWS APIs": aws })}
</table>
<details><summary>Outputs of the stack</summary><table>
${rows(outputs)}
</table></details>
</main></html>`;
}

const rows = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `<tr><td>${name}</td><td><code>${value}</code></td></tr>`)
    .join("\n");

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;color:light-dark(#1b1c22,#f2ede3);background:light-dark(#f6f2ea,#131419);margin:0}
main{max-width:44rem;margin:0 auto;padding:2rem 1rem}h1{margin:0}h2{margin:2rem 0 .5rem;font-size:1.1rem}a{color:light-dark(#b92b1a,#ff7a63)}
table{border-collapse:collapse;width:100%;background:light-dark(#fffdf9,#1c1e26)}summary{margin:1rem 0 .5rem;cursor:pointer}
td,th{text-align:left;padding:.4rem .7rem;border-bottom:1px solid light-dark(#dcd4c5,#31333d);overflow-wrap:anywhere}
code{font:.9em ui-monospace,monospace}`;
