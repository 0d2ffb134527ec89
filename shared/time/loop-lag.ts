/** How late the event loop of this process is: what it measures is off by that, and what waits for it is not to blame. */
export interface LoopLag {
  /** Milliseconds that the loop was late, in all, while somebody watched: what lies between two of these is how far off a latency may be. */
  lostMs(): number;
  /** Share of the last fraction of a second that the loop was late, 0 to 1. */
  busy(): number;
  /** Watches until the returned function is called. */
  watch(): () => void;
}

const TICK_MS = 10;
/** Timers are no finer, and are that late on a machine with nothing to do. */
const TOLERANCE_MS = 5;
/** Weight of the last tick in {@link LoopLag.busy}. */
const WEIGHT = 0.1;

/** Measures by a timer: what it is late is late for all. One per process. */
export function createLoopLag(): LoopLag {
  let watchers = 0;
  let timer: NodeJS.Timeout | undefined;
  let expectedAt = 0;
  let lost = 0;
  let share = 0;
  const lateMs = () => (timer === undefined ? 0 : Math.max(0, performance.now() - expectedAt - TOLERANCE_MS));
  const expect = () => {
    expectedAt = performance.now() + TICK_MS;
    timer = setTimeout(tick, TICK_MS);
    timer.unref();
  };
  const tick = () => {
    const late = lateMs();
    lost += late;
    // A long tick weighs as much as the short ones that it took the place of.
    const weight = 1 - (1 - WEIGHT) ** (1 + late / TICK_MS);
    share += weight * (late / (TICK_MS + late) - share);
    expect();
  };
  return {
    lostMs: () => lost + lateMs(),
    busy: () => share,
    watch() {
      if (watchers++ === 0) expect();
      let isWatching = true;
      return () => {
        if (!isWatching) return;
        isWatching = false;
        if (--watchers > 0) return;
        lost += lateMs();
        clearTimeout(timer);
        timer = undefined;
        share = 0;
      };
    },
  };
}
