/** The functions' logs as they are written. */
import * as store from "./store";

export function Logs() {
  const lines = store.logs.value;
  if (!lines.length) return <p class="hush">What the functions log appears here as it is written.</p>;
  return (
    <ol class="plain logs">
      {[...lines].reverse().map((line) => (
        <li key={line.number}>
          <strong>{line.function.replace(/^mastermind-/, "")}</strong> <code>{line.line}</code>
        </li>
      ))}
    </ol>
  );
}
