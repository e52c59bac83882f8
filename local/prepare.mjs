// Runs at the end of npm ci: builds the pages. Without install scripts npm ci does not bring Node 24, and then nothing
// here runs at all: npm start says so.
if (Number(process.versions.node.split(".")[0]) >= 24) await (await import("./build-pages.ts")).buildPages();
