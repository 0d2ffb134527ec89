import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError, LogAsleepError } from "./api.ts";
import { App } from "./app.tsx";
import { credential, onNewSession, takeFromAddress } from "./session.ts";
import "./style.css";

takeFromAddress();

/** A log that wakes takes half a minute at most: it is asked again so often, so many ms apart. */
const WAKING_TIMES = 20;
const WAKING_MS = 2_500;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the API refuses once, it refuses again.
      retry: (failures, error) => {
        if (error instanceof LogAsleepError) return failures < WAKING_TIMES;
        return failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500);
      },
      retryDelay: (failures, error) => (error instanceof LogAsleepError ? WAKING_MS : Math.min(1_000 * 2 ** failures, 30_000)),
    },
    // What needs the log to be read first has done nothing when that sleeps.
    mutations: { retry: (failures, error) => error instanceof LogAsleepError && failures < WAKING_TIMES, retryDelay: WAKING_MS },
  },
});

// What one was shown, the next is not: neither who signs out leaves anything behind, nor who signs in finds it.
onNewSession(() => {
  if (credential() === "") queries.clear();
  queries.removeQueries({ type: "inactive" });
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
