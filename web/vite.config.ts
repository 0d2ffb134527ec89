import react from "@vitejs/plugin-react";
import type { UserConfig } from "vite";

/** The owner's application: files for any server that sends `index.html` for its addresses and passes `/api` on. */
export const pageConfig = {
  root: import.meta.dirname,
  plugins: [react()],
  // For `npm run web:dev`: the API of a Server Tracker that runs.
  server: { proxy: { "/api": "http://127.0.0.1:8000", "/docs": "http://127.0.0.1:8000", "/sign-in.json": "http://127.0.0.1:8000" } },
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2023",
    // Strict CSP: nothing as data or inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
} satisfies UserConfig;

// biome-ignore lint/style/noDefaultExport: Vite reads it so.
export default pageConfig;
