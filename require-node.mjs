// Loaded before every entry point: TypeScript runs here without a build step, which takes Node 24.
if (Number(process.versions.node.split(".")[0]) < 24) {
  console.error(`Ringmaster needs Node 24 and this is ${process.version}.
The project brings its own: use "npm ci" (install scripts allowed), then "npm start", "npm test" or another npm script.`);
  process.exit(1);
}
