import { Loaded } from "../parts/notices.tsx";
import { Since } from "../parts/time.tsx";
import { useChannels } from "../queries.ts";

/** Where alerts go, and whether they arrive. */
export function Channels() {
  return (
    <>
      <h1>Alerts</h1>
      <Loaded query={useChannels()}>
        {({ items }) =>
          items.length === 0 ? (
            <p>
              Nobody is told yet. Set a channel, such as <code>DISCORD_WEBHOOK_URL</code>: in <code>.env</code> for npm start, in Parameter
              Store in AWS.
            </p>
          ) : (
            <ul className="channels">
              {items.map(({ id, type, healthy, error, unhealthySince }) => (
                <li key={id}>
                  <b>{id}</b> <span className="muted">{type}</span>{" "}
                  {healthy ? (
                    <span className="good">alerts arrive</span>
                  ) : (
                    <span className="bad">
                      alerts do not arrive
                      {unhealthySince !== null && (
                        <>
                          {" "}
                          for <Since at={Date.parse(unhealthySince)} />
                        </>
                      )}
                      : {error}
                    </span>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <p className="muted">A target names its channels itself, or is told to all. What was told of it stands on its page.</p>
    </>
  );
}
