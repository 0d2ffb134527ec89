import { lazy, Suspense, useEffect, useState } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { SIGN_IN_PATH } from "../serving.ts";
import { Patterns } from "./parts/bars.tsx";
import { useKeptFocus } from "./parts/keep-focus.ts";
import { MonitorHealth } from "./parts/monitor-health.tsx";
import { Title } from "./parts/title.tsx";
import { mayLeave } from "./parts/unsaved.ts";
import { showUtc, useIsUtc } from "./parts/zone.ts";
import { useMay, useMe } from "./queries.ts";
import { Overview } from "./screens/overview.tsx";
import { SignIn, SignInReturn } from "./screens/sign-in.tsx";
import { hasAccount, signIn, useSession } from "./session.ts";

// What the first screen does not need comes when it is asked for.
const TargetScreen = lazy(async () => ({ default: (await import("./screens/target.tsx")).TargetScreen }));
const NewTarget = lazy(async () => ({ default: (await import("./screens/target-form.tsx")).NewTarget }));
const EditTarget = lazy(async () => ({ default: (await import("./screens/target-form.tsx")).EditTarget }));
const Incidents = lazy(async () => ({ default: (await import("./screens/incidents.tsx")).Incidents }));
const IncidentScreen = lazy(async () => ({ default: (await import("./screens/incident.tsx")).IncidentScreen }));
const Channels = lazy(async () => ({ default: (await import("./screens/channels.tsx")).Channels }));
const Maintenance = lazy(async () => ({ default: (await import("./screens/maintenance.tsx")).Maintenance }));
const StatusPages = lazy(async () => ({ default: (await import("./screens/status-pages.tsx")).StatusPages }));
const Reports = lazy(async () => ({ default: (await import("./screens/reports.tsx")).Reports }));
const Access = lazy(async () => ({ default: (await import("./screens/access.tsx")).Access }));

/** The owner's application, and the address where its issuer leads back to. */
export function App() {
  const [path] = useLocation();
  return path === SIGN_IN_PATH ? (
    <main id="main">
      <SignInReturn />
    </main>
  ) : (
    <Application />
  );
}

function Application() {
  const { id: session, isSignedIn, isRefused } = useSession();
  useKeptFocus();
  const me = useMe();
  // Without a credential the API may still be open to read.
  const mustSignIn = isRefused || (!isSignedIn && me.data === undefined && !me.isPending);
  const isUnknown = !isSignedIn && me.data === undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each session is kept for itself
  useEffect(() => {
    // Where it cannot be kept, the API says so in time.
    if (hasAccount()) import("./oidc.ts").then((oidc) => oidc.keepSession()).catch(() => undefined);
  }, [session]);
  return (
    <>
      <Patterns />
      <a className="skip" href="#main">
        To the content
      </a>
      {!isUnknown && <Header />}
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<p className="muted">Loading …</p>}>{!isUnknown && <Screens />}</Suspense>
      </main>
      {mustSignIn && <SignIn isAgain={isRefused && !isUnknown} />}
    </>
  );
}

function Screens() {
  return (
    <Switch>
      <Route path="/" component={Overview} />
      <Route path="/targets/new">
        <For least="editor">
          <NewTarget />
        </For>
      </Route>
      <Route path="/targets/:id/edit">
        {({ id }) => (
          <For least="editor">
            <EditTarget id={id} />
          </For>
        )}
      </Route>
      <Route path="/targets/:id">{({ id }) => <TargetScreen key={id} id={id} />}</Route>
      <Route path="/targets">
        <Redirect to="/" replace />
      </Route>
      <Route path="/incidents" component={Incidents} />
      <Route path="/incidents/:id">{({ id }) => <IncidentScreen key={id} id={id} />}</Route>
      <Route path="/channels" component={Channels} />
      <Route path="/maintenance" component={Maintenance} />
      <Route path="/reports" component={Reports} />
      <Route path="/status-pages" component={StatusPages} />
      <Route path="/access">
        <For least="admin">
          <Access />
        </For>
      </Route>
      <Route>
        <Title>There is no such page</Title>
        <p>
          <Link href="/">To the overview</Link>
        </p>
      </Route>
    </Switch>
  );
}

/** What others may see, and not do: said before anything is written. */
function For({ least, children }: { least: "editor" | "admin"; children: React.ReactNode }) {
  const { data: me } = useMe();
  const may = useMay(least);
  const [wasLet, setWasLet] = useState(may);
  if (may && !wasLet) setWasLet(true);
  // Whoever signs in again in the middle of work finds it as it was.
  if (may || (wasLet && me === undefined)) return children;
  if (me === undefined) return <p className="muted">Loading …</p>;
  return (
    <>
      <Title>{`This needs the role ${least}`}</Title>
      <p>
        <Link href="/">To the overview</Link>
      </p>
    </>
  );
}

async function signOut(): Promise<void> {
  // An issuer that does not answer keeps nobody here.
  if (hasAccount()) await import("./oidc.ts").then((oidc) => oidc.endSession()).catch(() => undefined);
  signIn("");
}

function Header() {
  const [path] = useLocation();
  const isAdmin = useMay("admin");
  const { data: me } = useMe();
  const isUtc = useIsUtc();
  const link = (href: string, text: string) => (
    <Link href={href} aria-current={path === href ? "page" : undefined}>
      {text}
    </Link>
  );
  return (
    <header className="top">
      <Link href="/" className="brand">
        <img src="/favicon.svg" alt="" width="20" height="20" /> Server Tracker
      </Link>
      <nav aria-label="Main">
        {link("/", "Overview")}
        {link("/incidents", "Incidents")}
        {link("/channels", "Alerts")}
        {link("/maintenance", "Maintenance")}
        {link("/reports", "Reports")}
        {link("/status-pages", "Status pages")}
        {isAdmin && link("/access", "Access")}
        <a href="/api/docs">API</a>
      </nav>
      <MonitorHealth />
      <span className="who">
        {me !== undefined && <span title={me.id}>{me.role}</span>}
        <button type="button" className="plain" aria-pressed={isUtc} onClick={() => showUtc(!isUtc)} title="Show times in UTC">
          UTC
        </button>
        <button type="button" className="plain" onClick={() => mayLeave() && void signOut()}>
          Sign out
        </button>
      </span>
    </header>
  );
}
