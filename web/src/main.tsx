import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError, LogAsleepError } from "./api.ts";
import { App } from "./app.tsx";
import { takeFromAddress } from "./session.ts";
import "./style.css";

takeFromAddress();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the API refuses once, it refuses again; a log that wakes takes half a minute at most.
      retry: (failures, error) => {
        if (error instanceof LogAsleepError) return failures < 20;
        return failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500);
      },
      retryDelay: (failures, error) => (error instanceof LogAsleepError ? 2_500 : Math.min(1_000 * 2 ** failures, 30_000)),
    },
  },
});

const page = document.getElementById("page");
if (page !== null) {
  createRoot(page).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}
