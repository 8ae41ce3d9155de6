/** Every exchange with the game: its duration, request, answer and problems. */
import * as store from "./store";
import type { Exchange } from "./types";

const TYPES: Record<number, string> = { 2: "command", 3: "tap", 4: "autocomplete", 5: "modal" };

/** Characters of a name in the list of exchanges: the rest of a custom_id means nothing to people. */
const LONGEST = 20;

export function Inspector() {
  const shown = store.exchanges.value;
  const chosen = shown.find((one) => one.number === store.inspected.value) ?? shown.at(-1);
  if (!chosen)
    return <p class="hush">Each exchange with the game appears here: its time, its JSON, what is wrong with it.</p>;
  return (
    <div>
      <label class="field">
        <span>Exchange</span>
        <select
          class="select"
          value={String(chosen.number)}
          onChange={(event) => store.inspect(Number(event.currentTarget.value))}
        >
          {[...shown].reverse().map((one) => (
            <option key={one.number} value={String(one.number)}>
              {one.number}. {named(one)}, {milliseconds(one)}
              {one.violations.length ? `, ${one.violations.length} wrong` : ""}
            </option>
          ))}
        </select>
      </label>
      <One exchange={chosen} />
    </div>
  );
}

function named(exchange: Exchange): string {
  const { data, type } = exchange.request;
  const what = data?.name ?? data?.custom_id ?? "";
  return `${TYPES[type] ?? "interaction"} ${what.length > LONGEST ? `${what.slice(0, LONGEST)}...` : what}`;
}

const milliseconds = (exchange: Exchange) => `${Math.round(exchange.seconds * 1000)} ms`;

function One({ exchange }: { exchange: Exchange }) {
  const budget = store.setup.value?.budget_seconds ?? 3;
  const most = store.setup.value?.text_bytes ?? 9000;
  return (
    <>
      <label class="field">
        <span>
          {milliseconds(exchange)} of {budget} s, {exchange.cold ? "a cold start" : "warm"}
        </span>
        <meter min={0} max={budget} low={budget / 2} high={budget * 0.8} optimum={0} value={exchange.seconds} />
      </label>
      <label class="field">
        <span>
          {exchange.bytes.toLocaleString()} of {most.toLocaleString()} bytes of text
        </span>
        <meter min={0} max={most} low={most * 0.7} high={most * 0.9} optimum={0} value={exchange.bytes} />
      </label>
      <p>
        HTTP {exchange.status}
        {exchange.response ? `, type ${exchange.response.type}` : ""}.{" "}
        {exchange.violations.length ? null : <span class="good">Nothing is wrong with it.</span>}
      </p>
      {exchange.violations.length ? (
        <ul class="violations">
          {exchange.violations.map((violation) => (
            <li key={violation}>{violation}</li>
          ))}
        </ul>
      ) : null}
      <Json title="Answer" value={exchange.response} open />
      <Json title="Request" value={exchange.request} />
    </>
  );
}

function Json({ title, value, open = false }: { title: string; value: unknown; open?: boolean }) {
  return (
    <details open={open}>
      <summary>{title}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="json" tabIndex={0} aria-label={`${title} as JSON`}>
        <pre>{JSON.stringify(value, null, 2)}</pre>
      </section>
    </details>
  );
}
