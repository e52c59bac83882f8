/** The page of the phone. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../look/look.css";
import { Ring } from "../look/ring.tsx";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <main>
      <Ring state="ringing" size={96} />
      <h1>Ringmaster</h1>
    </main>
  </StrictMode>,
);
