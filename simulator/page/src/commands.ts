/** The lines that can be typed, and the JSON of one that was. */
import * as store from "./store";
import type { Application, Choice, Command, CommandOption } from "./types";

/** One line that can be typed: a command, or one of its subcommands. */
export interface Line {
  app: string;
  id: string;
  name: string;
  path: string[];
  description: string;
  options: CommandOption[];
}

/** A command that was tapped in a message. */
export interface Link {
  path: string;
  id: string;
}

/** What stands in an option: the words, and what is sent for them. */
export interface Filled {
  text: string;
  value: string;
}

export type Values = Record<string, Filled>;

const [USER, BOOLEAN, INTEGER, ROLE, NUMBER] = [6, 5, 4, 8, 10];

export function lines(apps: Application[], permissions: bigint): Line[] {
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

/** Those that a text could be the beginning of, the likeliest first. */
export function matching(all: Line[], typed: string): Line[] {
  const wanted = typed.replace(/^\//, "").toLowerCase();
  const found = all.filter((one) => one.name.includes(wanted));
  const rank = (one: Line) => (one.name === wanted ? 0 : one.name.startsWith(wanted) ? 1 : 2);
  return found.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** What an option offers before anything is typed; undefined where it takes free text or asks the application. */
export function offered(option: CommandOption): Choice[] | undefined {
  switch (option.type) {
    case USER:
      return store.personas.value.map((one) => ({ name: one.name, value: one.user_id }));
    case ROLE:
      return store.discord.value?.roles.map((role) => ({ name: role.name, value: role.id })) ?? [];
    case BOOLEAN:
      return [
        { name: "True", value: "true" },
        { name: "False", value: "false" },
      ];
    default:
      return option.choices;
  }
}

/** What typed words stand for: a choice by its name or value, or themselves. */
export function meant(option: CommandOption, text: string): Filled {
  const typed = text.trim().toLowerCase();
  const choice = offered(option)?.find((one) => [one.name, String(one.value)].some((it) => it.toLowerCase() === typed));
  return { text, value: choice ? String(choice.value) : offered(option) ? "" : text };
}

/** Why an option cannot be sent as it is; "" if it can. */
export function objection(option: CommandOption, filled?: Filled): string {
  const { text = "", value = "" } = filled ?? {};
  if (!text.trim()) return option.required ? "This option is required. Specify a value." : "";
  if (value === "") return "This is none of the choices.";
  if (option.type !== INTEGER && option.type !== NUMBER) return lengths(option, text);
  const number = Number(text);
  if (!Number.isFinite(number) || (option.type === INTEGER && !Number.isInteger(number))) return "This is no number.";
  if (option.min_value !== undefined && number < option.min_value) return `The least is ${option.min_value}.`;
  if (option.max_value !== undefined && number > option.max_value) return `The most is ${option.max_value}.`;
  return "";
}

function lengths({ min_length, max_length }: CommandOption, text: string): string {
  if (min_length !== undefined && text.length < min_length) return `At least ${min_length} characters, please.`;
  return max_length !== undefined && text.length > max_length ? `At most ${max_length} characters, please.` : "";
}

function typedValue(option: CommandOption, value: string): string | number | boolean {
  if (option.type === INTEGER || option.type === NUMBER) return Number(value);
  return option.type === BOOLEAN ? value === "true" : value;
}

/** Discord's `data` of a command: options nested below subcommands, the one being typed marked. */
export function commandData(line: Line, values: Values, focused?: string): object {
  const leaves = line.options
    .filter((option) => option.name === focused || (values[option.name]?.value ?? "") !== "")
    .map((option) => {
      const { text = "", value = "" } = values[option.name] ?? {};
      const { name, type } = option;
      return name === focused
        ? { name, type, value: text, focused: true }
        : { name, type, value: typedValue(option, value) };
    });
  const nested = line.path
    .slice(1)
    .reverse()
    .reduce<object[]>((inside, name, depth) => [{ name, type: depth === 0 ? 1 : 2, options: inside }], leaves);
  return { id: "1", name: line.path[0], type: 1, options: nested };
}
