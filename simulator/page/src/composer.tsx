/** The box where a slash command is typed: a picker, then a form of its options with autocomplete. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import * as store from "./store";
import type { Application, Choice, Command, CommandOption } from "./types";

/** One line that can be typed: a command, or one of its subcommands. */
interface Line {
  app: string;
  id: string;
  name: string;
  path: string[];
  description: string;
  options: CommandOption[];
}

function lines(apps: Application[], permissions: bigint): Line[] {
  return apps.flatMap((app) =>
    app.commands.filter((command) => shownTo(command, permissions)).flatMap((command) => spread(app.app, command)),
  );
}

/** Discord hides a command from members without its default permissions; an administrator has all. */
function shownTo(command: Command, permissions: bigint): boolean {
  const needed = BigInt(command.default_member_permissions ?? "0");
  return (permissions & 8n) !== 0n || (permissions & needed) === needed;
}

function spread(app: string, command: Command): Line[] {
  const inner = (path: string[], options: CommandOption[], description: string): Line[] => {
    const parts = options.filter((option) => option.type <= 2);
    if (!parts.length) return [{ app, id: command.id, name: path.join(" "), path, description, options }];
    return parts.flatMap((part) => inner([...path, part.name], part.options ?? [], part.description));
  };
  return inner([command.name], command.options ?? [], command.description);
}

type Values = Record<string, string>;

function typedValue(option: CommandOption, value: string): string | number | boolean {
  if (option.type === 4 || option.type === 10) return Number(value);
  return option.type === 5 ? value === "true" : value;
}

/** Discord's `data` of a command: options nested below subcommands, the one being typed marked. */
function commandData(line: Line, values: Values, focused?: string): object {
  const leaves = line.options
    .filter((option) => option.name === focused || (values[option.name] ?? "") !== "")
    .map((option) => ({
      name: option.name,
      type: option.type,
      value: option.name === focused ? (values[option.name] ?? "") : typedValue(option, values[option.name] ?? ""),
      ...(option.name === focused ? { focused: true } : {}),
    }));
  const nested = line.path
    .slice(1)
    .reverse()
    .reduce<object[]>((inside, name, depth) => [{ name, type: depth === 0 ? 1 : 2, options: inside }], leaves);
  return { id: "1", name: line.path[0], type: 1, options: nested };
}

/** A command that was tapped in a message. */
export interface Link {
  path: string;
  id: string;
}

export function Composer({ who, tapped, onTaken }: { who: string; tapped: Link | null; onTaken: () => void }) {
  const [typed, setTyped] = useState("");
  const [place, setPlace] = useState(0);
  const [line, setLine] = useState<Line | null>(null);
  const box = useRef<HTMLInputElement>(null);
  const permissions = BigInt(store.persona(who)?.permissions ?? "0");
  const all = lines(store.setup.value?.apps ?? [], permissions);
  const wanted = typed.replace(/^\//, "").toLowerCase();
  const found = typed.startsWith("/") ? all.filter((one) => one.name.includes(wanted)) : [];
  found.sort(
    (a, b) => Number(b.name.startsWith(wanted)) - Number(a.name.startsWith(wanted)) || a.name.length - b.name.length,
  );
  const at = Math.min(place, Math.max(0, found.length - 1));
  const list = `commands-${who}`;

  const choose = (chosen: Line) => {
    setTyped("");
    setPlace(0);
    if (chosen.options.length) setLine(chosen);
    else void store.command(who, chosen.app, commandData(chosen, {}), `/${chosen.name}`);
  };
  useEffect(() => {
    if (!tapped) return;
    onTaken();
    const linked = all.find((one) => one.name === tapped.path && one.id === tapped.id);
    if (linked) setLine(linked);
    else store.note(who, `/${tapped.path} is no command that you may use here.`);
  }, [tapped]);
  // Back from a form the box has the focus before the next key; when the page opens it is not taken.
  const returning = useRef(false);
  useLayoutEffect(() => {
    if (!line && returning.current) box.current?.focus();
    returning.current = line !== null;
  }, [line]);
  if (line) return <Form key={line.name} who={who} line={line} onDone={() => setLine(null)} />;
  return (
    <div class="composer">
      {found.length ? (
        <div class="picker" role="listbox" id={list} aria-label="Commands">
          {found.map((one, index) => (
            <div
              key={one.app + one.name}
              id={`${list}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              class={index === at ? "option chosen" : "option"}
              onMouseDown={(event) => {
                event.preventDefault();
                choose(one);
              }}
            >
              <strong>/{one.name}</strong> <span>{one.description}</span> <small>{one.app}</small>
            </div>
          ))}
        </div>
      ) : null}
      {typed && !found.length ? (
        <p class="hint" role="status">
          {typed.startsWith("/")
            ? "There is no such command: type / alone to see them."
            : "Commands begin with a slash: type / to see them."}
        </p>
      ) : null}
      <input
        ref={box}
        type="text"
        class="box"
        role="combobox"
        aria-label="Type a command"
        aria-expanded={found.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={found.length ? `${list}-${at}` : undefined}
        placeholder="Type / for commands"
        autocomplete="off"
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={(event) => {
          const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
          const step = steps[event.key];
          const chosen = found[at];
          if (step && found.length) {
            event.preventDefault();
            setPlace((at + step + found.length) % found.length);
          } else if ((event.key === "Enter" || event.key === "Tab") && chosen) {
            event.preventDefault();
            choose(chosen);
          } else if (event.key === "Escape") setTyped("");
        }}
      />
    </div>
  );
}

function Form({ who, line, onDone }: { who: string; line: Line; onDone: () => void }) {
  const [values, setValues] = useState<Values>({});
  const form = useRef<HTMLFormElement>(null);
  // Before the next key: what is typed right after a command was chosen belongs to its first option.
  useLayoutEffect(() => {
    form.current?.querySelector<HTMLElement>("input, select, button[type=submit]")?.focus();
  }, []);
  const asked = `/${line.name} ${line.options
    .filter((option) => values[option.name])
    .map((option) => `${option.name}:${shown(option, values[option.name] ?? "")}`)
    .join(" ")}`.trim();
  return (
    <form
      ref={form}
      class="composer options"
      aria-label={`Options of /${line.name}`}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDone();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        void store.command(who, line.app, commandData(line, values), asked);
        onDone();
      }}
    >
      <p>
        <strong>/{line.name}</strong> {line.description}
      </p>
      {line.options.map((option) => (
        <OptionField
          key={option.name}
          who={who}
          line={line}
          option={option}
          values={values}
          set={(value) => setValues((known) => ({ ...known, [option.name]: value }))}
        />
      ))}
      <div class="row end">
        <button type="button" class="button secondary" onClick={onDone}>
          Cancel
        </button>
        <button type="submit" class="button primary">
          Send
        </button>
      </div>
    </form>
  );
}

function shown(option: CommandOption, value: string): string {
  if (option.type === 6) return `@${store.names.user(value) ?? value}`;
  return option.choices?.find((choice) => String(choice.value) === value)?.name ?? value;
}

interface Asked {
  who: string;
  line: Line;
  option: CommandOption;
  values: Values;
  set: (value: string) => void;
}

function OptionField(asked: Asked) {
  const { option, who, line } = asked;
  const id = `option-${who}-${line.name.replaceAll(" ", "-")}-${option.name}`;
  return (
    <div class="field">
      <label for={id}>
        {option.name}
        {option.required ? <span aria-hidden="true"> *</span> : null}
      </label>
      <small id={`${id}-description`}>{option.description}</small>
      {option.autocomplete ? <Completed {...asked} id={id} /> : <Plain {...asked} id={id} />}
    </div>
  );
}

function Plain({ option, values, set, id }: Asked & { id: string }) {
  const shared = { id, required: option.required, "aria-describedby": `${id}-description` };
  const choices: Choice[] | undefined =
    option.type === 6
      ? store.personas.value.map((one) => ({ name: one.name, value: one.user_id }))
      : option.type === 5
        ? [
            { name: "True", value: "true" },
            { name: "False", value: "false" },
          ]
        : option.choices;
  const value = values[option.name] ?? "";
  if (choices)
    return (
      <select {...shared} class="select" value={value} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{option.required ? "Choose" : "Left out"}</option>
        {choices.map((choice) => (
          <option key={String(choice.value)} value={String(choice.value)}>
            {choice.name}
          </option>
        ))}
      </select>
    );
  const written = {
    ...shared,
    value,
    autocomplete: "off",
    onInput: (event: { currentTarget: HTMLInputElement }) => set(event.currentTarget.value),
  };
  if (option.type === 4 || option.type === 10)
    return (
      <input
        {...written}
        type="number"
        step={option.type === 10 ? "any" : 1}
        min={option.min_value}
        max={option.max_value}
      />
    );
  return <input {...written} type="text" minLength={option.min_length} maxLength={option.max_length} />;
}

const PAUSE = 150;

/** An option whose choices the application suggests while it is typed; what is sent is the choice's value. */
function Completed({ who, line, option, values, set, id }: Asked & { id: string }) {
  const [typed, setTyped] = useState("");
  const [choices, setChoices] = useState<Choice[]>([]);
  const [open, setOpen] = useState(false);
  // Enter leaves out an optional value, unless something was typed or a suggestion is selected.
  const first = option.required ? 0 : -1;
  const [place, setPlace] = useState(first);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(0);
  const ask = (text: string) => {
    clearTimeout(waiting.current);
    waiting.current = setTimeout(async () => {
      latest.current += 1;
      const turn = latest.current;
      const data = commandData(line, { ...values, [option.name]: text }, option.name);
      const found = await store.complete(who, line.app, data);
      if (turn === latest.current) setChoices(found);
    }, PAUSE);
  };
  useEffect(() => () => clearTimeout(waiting.current), []);
  const choose = (choice: Choice) => {
    setTyped(choice.name);
    set(String(choice.value));
    setOpen(false);
  };
  const list = `${id}-choices`;
  return (
    <div class="completed">
      <input
        id={id}
        type="text"
        role="combobox"
        aria-expanded={open && choices.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-describedby={`${id}-description`}
        aria-activedescendant={open && choices[place] ? `${list}-${place}` : undefined}
        autocomplete="off"
        required={option.required}
        value={typed}
        onFocus={() => {
          setOpen(true);
          ask(typed);
        }}
        onBlur={() => setOpen(false)}
        onInput={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          set(text);
          setOpen(true);
          setPlace(text ? 0 : first);
          ask(text);
        }}
        onKeyDown={(event) => {
          const chosen = choices[place];
          const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
          const step = steps[event.key];
          if (step && choices.length) {
            event.preventDefault();
            setOpen(true);
            setPlace((Math.max(place, step < 0 ? 0 : -1) + step + choices.length) % choices.length);
          } else if (event.key === "Enter" && open && chosen) {
            event.preventDefault();
            choose(chosen);
          } else if (event.key === "Escape" && open) {
            event.stopPropagation();
            setOpen(false);
          }
        }}
      />
      {open && choices.length ? (
        <div class="picker below" role="listbox" id={list} aria-label={`Suggestions for ${option.name}`}>
          {choices.map((choice, index) => (
            <div
              key={String(choice.value)}
              id={`${list}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === place}
              class={index === place ? "option chosen" : "option"}
              onMouseDown={(event) => {
                event.preventDefault();
                choose(choice);
              }}
            >
              {choice.name}
            </div>
          ))}
        </div>
      ) : null}
    </div>
  );
}
