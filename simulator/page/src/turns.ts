/** Work that reads the local server's state, one run after the other: what was read earlier is shown earlier. */

/** Who asks while a run goes on shares the one that follows it; `work` catches its own errors. */
export function inTurn(work: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    if (!next) {
      next = last.then(() => {
        next = undefined;
        return work();
      });
      last = next;
    }
    return next;
  };
}
