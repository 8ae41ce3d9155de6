/** A command in the box with its options as pills: choices above it, Tab to the next one, Enter sends. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { command, complete } from "./acting";
import { commandData, meant, objection, offered } from "./commands";
import type { Line, Values } from "./commands";
import { Icon } from "./icons";
import { Suggestions } from "./suggestions";
import type { Choice, CommandOption } from "./types";

const PAUSE = 150; // milliseconds without a key until the application is asked
const REST = ""; // the place after the last pill, where another option is chosen

export function Options({ who, line, onDone }: { who: string; line: Line; onDone: () => void }) {
  const required = line.options.filter((option) => option.required).map((option) => option.name);
  const [values, setValues] = useState<Values>({});
  const [shown, setShown] = useState<string[]>(required);
  const [focused, setFocused] = useState(required[0] ?? REST);
  const [tries, setTries] = useState(0);
  const wrong = tries > 0;
  const [at, setAt] = useState(required.length ? 0 : -1);
  const [rest, setRest] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const id = (name: string) => `option-${who}-${line.name.replaceAll(" ", "-")}-${name}`;
  const list = id("choices");
  const option = line.options.find((one) => one.name === focused);
  const left = line.options.filter((one) => !shown.includes(one.name));
  const choices = useChoices(who, line, values, option);
  const open: Choice[] = option
    ? choices
    : left.filter((one) => one.name.includes(rest)).map((one) => ({ name: one.name, value: one.name }));
  const problems = line.options.filter((one) => objection(one, values[one.name]) !== "");

  const focus = (name: string) => form.current?.querySelector<HTMLElement>(`[id="${id(name)}"]`)?.focus();
  // Before the next key: what is typed right after a command was chosen belongs to its first option.
  useLayoutEffect(() => focus(focused), [focused, shown.length, tries]);

  const move = (name: string) => {
    setFocused(name);
    setAt(name === REST ? -1 : 0);
    setRest("");
  };
  const next = () => move(shown[shown.indexOf(focused) + 1] ?? REST);
  const take = (choice: Choice) => {
    if (!option) {
      setShown([...shown, String(choice.value)]);
      move(String(choice.value));
      return;
    }
    setValues({ ...values, [option.name]: { text: choice.name, value: String(choice.value) } });
    next();
  };
  const send = () => {
    const first = problems[0];
    if (first) {
      setTries(tries + 1);
      if (!shown.includes(first.name)) setShown([...shown, first.name]);
      move(first.name);
      return;
    }
    void command(who, line.app, commandData(line, values), `/${line.name}`);
    onDone();
  };
  const drop = () => {
    if (option?.required) return;
    const last = option?.name ?? shown.filter((name) => !required.includes(name)).at(-1);
    if (!last) return option ? undefined : onDone();
    setShown(shown.filter((name) => name !== last));
    setValues({ ...values, [last]: { text: "", value: "" } });
    move(REST);
  };
  const key = (event: KeyboardEvent, text: string) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const choice = open[at];
    if (step && open.length) setAt((Math.max(at, step < 0 ? 0 : -1) + step + open.length) % open.length);
    else if (event.key === "Enter" && choice && !settled(option, values, text)) take(choice);
    else if (event.key === "Enter") send();
    else if (event.key === "Tab" && !event.shiftKey && open[Math.max(at, 0)] && !settled(option, values, text))
      take(open[Math.max(at, 0)] as Choice);
    else if (event.key === "Backspace" && !text) drop();
    else return;
    event.preventDefault();
  };
  return (
    <form
      ref={form}
      class="composer"
      aria-label={`Options of /${line.name}`}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Suggestions
        id={list}
        line={line}
        option={option}
        left={left}
        choices={open}
        at={at}
        problem={wrong && option ? objection(option, values[option.name]) : ""}
        take={take}
      />
      <div class="bar pills">
        <span class="command-name">/{line.name}</span>
        {shown.map((name) => {
          const one = line.options.find((it) => it.name === name);
          const text = values[name]?.text ?? "";
          const isWrong = wrong && one !== undefined && objection(one, values[name]) !== "";
          return (
            <label key={name} class={isWrong ? "pill wrong" : "pill"}>
              <span>{name}</span>
              <input
                id={id(name)}
                type="text"
                role="combobox"
                aria-expanded={focused === name && open.length > 0}
                aria-controls={list}
                aria-autocomplete="list"
                aria-activedescendant={focused === name && open[at] ? `${list}-${at}` : undefined}
                aria-invalid={isWrong}
                aria-required={one?.required}
                autocomplete="off"
                inputMode={one?.type === 4 || one?.type === 10 ? "decimal" : undefined}
                size={Math.max(text.length, 2)}
                value={text}
                onFocus={() => (focused === name ? undefined : move(name))}
                onInput={(event) => {
                  if (one) setValues({ ...values, [name]: meant(one, event.currentTarget.value) });
                  setAt(0);
                }}
                onKeyDown={(event) => key(event, text)}
              />
            </label>
          );
        })}
        <input
          id={id(REST)}
          class="rest"
          type="text"
          role="combobox"
          aria-label="Another option"
          aria-expanded={focused === REST && open.length > 0}
          aria-controls={list}
          aria-activedescendant={focused === REST && open[at] ? `${list}-${at}` : undefined}
          autocomplete="off"
          value={rest}
          onFocus={() => (focused === REST ? undefined : move(REST))}
          onInput={(event) => {
            const text = event.currentTarget.value;
            const named = left.find((one) => `${one.name}:` === text);
            if (named) take({ name: named.name, value: named.name });
            else {
              setRest(text);
              setAt(text ? 0 : -1);
            }
          }}
          onKeyDown={(event) => key(event, rest)}
        />
        {left.length && focused !== REST ? (
          <button type="button" class="more" onClick={() => move(REST)}>
            +{left.length} more
          </button>
        ) : null}
        <button type="button" class="plain-icon" aria-label="Cancel" onClick={onDone}>
          <Icon name="close" />
        </button>
        <button type="submit" class="plain-icon send" aria-label="Send">
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

/** Whether an option holds one of its choices already: Enter sends then, and Tab goes on. */
function settled(option: CommandOption | undefined, values: Values, text: string): boolean {
  if (!option || !text) return false;
  const filled = values[option.name];
  return filled !== undefined && filled.value !== "" && (!option.autocomplete || filled.value !== filled.text);
}

/** What can be chosen for an option now; the application is asked where it suggests. */
function useChoices(who: string, line: Line, values: Values, option?: CommandOption): Choice[] {
  const [suggested, setSuggested] = useState<{ of: string; choices: Choice[] }>({ of: "", choices: [] });
  const text = option ? (values[option.name]?.text ?? "") : "";
  useEffect(() => {
    if (!option?.autocomplete) return;
    let current = true;
    const waiting = setTimeout(async () => {
      const choices = await complete(who, line.app, commandData(line, values, option.name));
      if (current) setSuggested({ of: option.name, choices });
    }, PAUSE);
    return () => {
      current = false;
      clearTimeout(waiting);
    };
  }, [option?.name, text]);
  if (!option) return [];
  if (option.autocomplete) return suggested.of === option.name ? suggested.choices : [];
  const all = offered(option) ?? [];
  const found = all.filter((choice) => choice.name.toLowerCase().includes(text.toLowerCase()));
  return values[option.name]?.value ? all : found;
}
