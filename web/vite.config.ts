/** Builds the pages into build/web: the phone and the console, with what they share in assets/. */
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const page = (name: string): string => join(import.meta.dirname, name, "index.html");

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: join(import.meta.dirname, "../build/web"),
    emptyOutDir: true,
    target: "es2023",
    // LiveKit's SDK, which is loaded only where calls meet at LiveKit.
    chunkSizeWarningLimit: 700,
    rolldownOptions: { input: { phone: page("phone"), console: page("console") } },
  },
});
