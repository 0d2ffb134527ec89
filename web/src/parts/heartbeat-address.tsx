/** Where a job calls: its key is in it, so that it is shown once. */
export function HeartbeatAddress({ url }: { url: string }) {
  return (
    <>
      <p>The job calls it each time it is done. It is shown only now.</p>
      <pre className="notice wrapped">curl -fsS {url}</pre>
    </>
  );
}
