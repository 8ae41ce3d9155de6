/** The parts of a message that people use: buttons, and lists to choose from. */
import { Icon } from "./icons";
import type { Drawn } from "./messages";
import { Several } from "./several";
import * as store from "./store";
import type { Emoji, SelectOption } from "./types";

const STYLES: Record<number, string> = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary" };

export function Glyph({ emoji }: { emoji?: Emoji }) {
  if (!emoji?.name) return null;
  return (
    <span class="glyph" aria-hidden="true">
      {emoji.id ? `:${emoji.name}:` : emoji.name}
    </span>
  );
}

export function Button({ part, act, used }: Drawn) {
  const style = STYLES[part.style ?? 2] ?? "secondary";
  if (part.url)
    return (
      <a class={`button ${style}`} href={part.url} target="_blank" rel="noreferrer">
        <Glyph emoji={part.emoji} />
        {part.label} <Icon name="out" size={16} />
      </a>
    );
  const waits = used !== undefined && used === part.custom_id;
  return (
    <button
      type="button"
      class={waits ? `button ${style} waits` : `button ${style}`}
      disabled={part.disabled || used !== undefined}
      aria-label={part.label ? undefined : (part.emoji?.name ?? "button")}
      aria-busy={waits}
      onClick={() => act(part)}
    >
      <Glyph emoji={part.emoji} />
      {part.label}
      {waits ? <Dots /> : null}
    </button>
  );
}

/** Three dots that pulse while something is on its way. */
export function Dots() {
  return (
    <span class="dots" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}

export function Select({ part, act, used }: Drawn) {
  const options = part.options ?? [];
  const chosen = options.find((option) => option.default);
  const label = part.placeholder || "Make a selection";
  const [least, most] = [part.min_values ?? 1, part.max_values ?? 1];
  const disabled = part.disabled || used !== undefined;
  if (most > 1)
    return (
      <Several
        label={label}
        options={options}
        least={least}
        most={most}
        disabled={disabled}
        choose={(values) => act(part, values)}
      />
    );
  return (
    <Choice
      label={label}
      placeholder={label}
      options={options}
      value={chosen?.value ?? ""}
      disabled={disabled}
      choose={(value) => act(part, [value])}
    />
  );
}

/** Discord's own list of the server's roles or channels. */
export function Picker({ part, act, used }: Drawn) {
  const found = store.discord.value;
  const offered = part.type === 6 ? found?.roles : found?.channels;
  return (
    <Choice
      label={part.placeholder || "Make a selection"}
      placeholder={part.placeholder || "Make a selection"}
      options={offered?.map(({ id, name }) => ({ label: name, value: id })) ?? []}
      value=""
      disabled={used !== undefined}
      choose={(value) => act(part, [value])}
    />
  );
}

interface Choosing {
  label?: string;
  placeholder: string;
  options: SelectOption[];
  value: string;
  choose: (value: string) => void;
  disabled?: boolean;
  required?: boolean;
  id?: string;
  name?: string;
  described?: string;
}

/** The browser's own select: it is drawn as Discord's where the browser lets a page draw its list. */
export function Choice({ label, placeholder, options, value, choose, described, ...rest }: Choosing) {
  return (
    <select
      {...rest}
      class="select"
      aria-label={label}
      aria-describedby={described}
      value={value}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      <button type="button" aria-label={label || placeholder}>
        <selectedcontent />
      </button>
      {value === "" ? (
        <option value="" disabled={rest.required !== false} hidden={rest.required !== false}>
          {placeholder}
        </option>
      ) : null}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          <Glyph emoji={option.emoji} />
          <span class="label">{option.label}</span>
          {option.description ? <span class="description"> {option.description}</span> : null}
        </option>
      ))}
    </select>
  );
}
