/** The box at the bottom: where people talk, and where a slash opens the commands. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { command } from "./acting";
import { commandData, lines, matching } from "./commands";
import type { Line, Link } from "./commands";
import { EmojiButton } from "./emoji";
import { Icon } from "./icons";
import { Options } from "./options";
import { Picker } from "./picker";
import type { Place } from "./places";
import * as store from "./store";

export type { Link };

interface Composing {
  who: string;
  place: Place;
  tapped: Link | null;
  onTaken: () => void;
}

export function Composer({ who, place, tapped, onTaken }: Composing) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const [line, setLine] = useState<Line | null>(null);
  const box = useRef<HTMLInputElement>(null);
  const permissions = BigInt(store.persona(who)?.permissions ?? "0");
  const all = lines(store.setup.value?.apps ?? [], permissions);
  const isCommand = typed.startsWith("/");
  const found = isCommand ? matching(all, typed) : [];
  const chosen = found[Math.min(at, found.length - 1)];
  const list = `commands-${who}`;

  const choose = (one: Line) => {
    setTyped("");
    setAt(0);
    if (one.options.length) setLine(one);
    else void command(who, one.app, commandData(one, {}), `/${one.name}`);
  };
  const speak = () => {
    if (typed.trim() && !isCommand) store.say(who, typed.trim());
    if (!isCommand) setTyped("");
  };
  useEffect(() => {
    if (!tapped) return;
    onTaken();
    const linked = all.find((one) => one.name === tapped.path && one.id === tapped.id);
    if (linked) setLine(linked);
    else store.note(who, `/${tapped.path} is no command that you may use here.`);
  }, [tapped]);
  // Back from a command's options the box has the focus before the next key; when the page opens it is not taken.
  const returning = useRef(false);
  useLayoutEffect(() => {
    if (!line && returning.current) box.current?.focus();
    returning.current = line !== null;
  }, [line]);
  if (line) return <Options key={line.name} who={who} line={line} onDone={() => setLine(null)} />;
  return (
    <div class="composer">
      {found.length ? <Picker id={list} found={found} at={found.indexOf(chosen as Line)} choose={choose} /> : null}
      {isCommand && !found.length ? (
        <p class="panel-hint" role="status">
          There is no such command: type / alone to see them.
        </p>
      ) : null}
      <div class="bar">
        <button
          type="button"
          class="plus"
          aria-label="Use a command"
          title="Use a command"
          onClick={() => {
            setTyped("/");
            box.current?.focus();
          }}
        >
          <Icon name="plus" size={22} />
        </button>
        <input
          ref={box}
          type="text"
          role="combobox"
          aria-label={`Message ${place.icon === "at" ? "@" : "#"}${place.name}`}
          aria-expanded={found.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={chosen ? `${list}-${found.indexOf(chosen)}` : undefined}
          placeholder={`Message ${place.icon === "at" ? "@" : "#"}${place.name}`}
          autocomplete="off"
          maxLength={2000}
          value={typed}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step && found.length) {
              event.preventDefault();
              setAt((Math.min(at, found.length - 1) + step + found.length) % found.length);
            } else if ((event.key === "Enter" || event.key === "Tab") && chosen) {
              event.preventDefault();
              choose(chosen);
            } else if (event.key === "Enter") speak();
            else if (event.key === "Escape") setTyped("");
          }}
        />
        <EmojiButton
          take={(emoji) => {
            setTyped(`${typed}${emoji}`);
            box.current?.focus();
          }}
        />
        {typed && !isCommand ? (
          <button type="button" class="plain-icon send" aria-label="Send message" onClick={speak}>
            <Icon name="send" size={22} />
          </button>
        ) : (
          <button
            type="button"
            class="plain-icon"
            aria-label="Apps"
            title="Apps"
            onClick={() => {
              setTyped("/");
              box.current?.focus();
            }}
          >
            <Icon name="apps" size={22} />
          </button>
        )}
      </div>
    </div>
  );
}
