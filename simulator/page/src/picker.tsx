/** The commands above the box, by application. */
import { useEffect, useRef } from "preact/hooks";
import { Avatar } from "./avatar";
import type { Line } from "./commands";
import * as store from "./store";

interface Picking {
  id: string;
  found: Line[];
  at: number;
  choose: (line: Line) => void;
}

export function Picker({ id, found, at, choose }: Picking) {
  const box = useRef<HTMLDivElement>(null);
  const apps = [...new Set(found.map((one) => one.app))];
  useEffect(() => {
    box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at, found.length]);
  const show = (app: string) => box.current?.querySelector(`[data-app=${app}]`)?.scrollIntoView({ block: "start" });
  return (
    <div class="picker">
      <div class="picker-apps">
        {apps.map((app) => (
          <button
            key={app}
            type="button"
            tabIndex={-1}
            aria-label={`Commands of ${store.appName(app)}`}
            onMouseDown={(event) => {
              event.preventDefault();
              show(app);
            }}
          >
            <Avatar name={store.appName(app)} app={app} size={32} />
          </button>
        ))}
      </div>
      <div ref={box} class="picker-list" role="listbox" id={id} aria-label="Commands">
        {apps.map((app) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options in a listbox is no fieldset
          <div key={app} role="group" aria-label={store.appName(app)} data-app={app}>
            <p class="picker-head" aria-hidden="true">
              <Avatar name={store.appName(app)} app={app} size={16} /> {store.appName(app)}
            </p>
            {found.map((one, index) =>
              one.app === app ? (
                <div
                  key={one.name}
                  id={`${id}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === at}
                  class="picked"
                  onMouseDown={(event) => {
                    event.preventDefault();
                    choose(one);
                  }}
                >
                  <Avatar name={store.appName(app)} app={app} size={32} />
                  <div>
                    <strong>/{one.name}</strong>
                    {one.options.map((option) => (
                      <span key={option.name} class="option-name">
                        {option.name}
                      </span>
                    ))}
                    <p>{one.description}</p>
                  </div>
                  <small>{store.appName(app)}</small>
                </div>
              ) : null,
            )}
          </div>
        ))}
      </div>
    </div>
  );
}
