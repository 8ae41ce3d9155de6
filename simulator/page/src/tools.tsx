/** What this page adds to Discord: the inspector, the clockwork, the server's state, mischief and logs. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { Clockwork } from "./clockwork";
import { Discord } from "./discord";
import { Icon } from "./icons";
import { Inspector } from "./inspector";
import { Logs } from "./logs";
import { Mischief } from "./mischief";
import * as store from "./store";

const TABS = [
  ["inspector", "Inspector", Inspector],
  ["clockwork", "Clockwork", Clockwork],
  ["discord", "Discord", Discord],
  ["mischief", "Mischief", Mischief],
  ["logs", "Logs", Logs],
] as const;

export function Tools() {
  const close = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => close.current?.focus(), []);
  const step = (by: number) => {
    const at = TABS.findIndex(([name]) => name === store.tab.value);
    const next = TABS[(at + by + TABS.length) % TABS.length]?.[0] ?? "inspector";
    store.tab.value = next;
    document.getElementById(`tab-${next}`)?.focus();
  };
  const Shown = TABS.find(([name]) => name === store.tab.value)?.[2] ?? Inspector;
  return (
    <aside class="tools" id="tools" aria-label="Tools">
      <header>
        <h2>Tools</h2>
        <button
          ref={close}
          type="button"
          class="plain-icon"
          aria-label="Close the tools"
          onClick={() => {
            store.tools.value = false;
          }}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="tabs" role="tablist" aria-label="Tools">
        {TABS.map(([name, label]) => (
          <button
            key={name}
            id={`tab-${name}`}
            type="button"
            role="tab"
            aria-selected={store.tab.value === name}
            aria-controls="side-panel"
            tabIndex={store.tab.value === name ? 0 : -1}
            onClick={() => {
              store.tab.value = name;
            }}
            onKeyDown={(event) => {
              if (event.key === "ArrowRight") step(1);
              if (event.key === "ArrowLeft") step(-1);
            }}
          >
            {label}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div class="panel" id="side-panel" role="tabpanel" aria-labelledby={`tab-${store.tab.value}`} tabIndex={0}>
        <Shown />
      </div>
    </aside>
  );
}
