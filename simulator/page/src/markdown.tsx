/** Discord's markdown, as a message shows it. Text becomes text nodes only, so nothing in it can become markup. */
import type { ComponentChildren, JSX } from "preact";
import { useContext } from "preact/hooks";
import { Names, Open, Roles } from "./reading";
import { Timestamp } from "./timestamp";

const INLINE = new RegExp(
  [
    String.raw`\\(?<escaped>[^0-9A-Za-z\s])`,
    String.raw`(?<ticks>\x60{1,2})(?<code>[^\x60]+)\k<ticks>`,
    String.raw`<t:(?<unix>-?\d{1,13})(?::(?<style>[tTdDfFR]))?>`,
    String.raw`<@!?(?<user>\d+)>`,
    String.raw`<@&(?<role>\d+)>`,
    String.raw`<#(?<channel>\d+)>`,
    String.raw`</(?<command>[^:>]+):(?<commandId>\d+)>`,
    String.raw`<a?:(?<emoji>\w+):\d+>`,
    String.raw`\[(?<label>(?:[^\[\]\\]|\\.)+)\]\(<?(?<href>https?://[^\s)>]+)>?\)`,
    String.raw`<(?<quiet>https?://[^\s>]+)>`,
    String.raw`(?<bare>https?://[^\s<>)]+)`,
    String.raw`\*\*\*(?<bolditalic>(?:[^*\\]|\\.)+)\*\*\*`,
    String.raw`\*\*(?<bold>(?:[^*\\]|\\.|\*(?!\*))+)\*\*`,
    String.raw`__(?<under>(?:[^_\\]|\\.|_(?!_))+)__`,
    String.raw`\*(?<italic>(?:[^*\\]|\\.)+)\*`,
    String.raw`(?<![\w])_(?<italic2>(?:[^_\\]|\\.)+)_(?![\w])`,
    String.raw`~~(?<struck>(?:[^~\\]|\\.|~(?!~))+)~~`,
    String.raw`\|\|(?<spoiler>(?:[^|\\]|\\.|\|(?!\|))+)\|\|`,
  ].join("|"),
  "su",
);

type Groups = Record<string, string | undefined>;

function Spoiler({ children }: { children: ComponentChildren }) {
  return (
    <details class="spoiler">
      <summary>Spoiler</summary>
      {children}
    </details>
  );
}

/** One span of text, with everything that can stand inside a line. */
export function inline(text: string): ComponentChildren[] {
  const shown: ComponentChildren[] = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    if (found.index) shown.push(rest.slice(0, found.index));
    shown.push(span(found.groups ?? {}));
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest) shown.push(rest);
  return shown;
}

function span(found: Groups): ComponentChildren {
  if (found.escaped !== undefined) return found.escaped;
  if (found.code !== undefined) return <code>{found.code}</code>;
  if (found.unix !== undefined) return <Timestamp unix={Number(found.unix)} style={found.style ?? "f"} />;
  if (found.user !== undefined) return <Mention id={found.user} />;
  if (found.role !== undefined) return <RoleMention id={found.role} />;
  if (found.channel !== undefined) return <span class="mention">#a channel</span>;
  if (found.command !== undefined) return <Command path={found.command} id={found.commandId ?? ""} />;
  if (found.emoji !== undefined) return `:${found.emoji}:`;
  if (found.href !== undefined) return link(found.href, inline(found.label ?? ""));
  if (found.quiet !== undefined) return link(found.quiet, found.quiet);
  if (found.bare !== undefined) return link(found.bare, found.bare);
  if (found.bolditalic !== undefined)
    return (
      <strong>
        <em>{inline(found.bolditalic)}</em>
      </strong>
    );
  if (found.bold !== undefined) return <strong>{inline(found.bold)}</strong>;
  if (found.under !== undefined) return <u>{inline(found.under)}</u>;
  if (found.italic !== undefined) return <em>{inline(found.italic)}</em>;
  if (found.italic2 !== undefined) return <em>{inline(found.italic2)}</em>;
  if (found.struck !== undefined) return <s>{inline(found.struck)}</s>;
  return <Spoiler>{inline(found.spoiler ?? "")}</Spoiler>;
}

function Mention({ id }: { id: string }) {
  return <span class="mention">@{useContext(Names)(id) ?? "somebody"}</span>;
}

function RoleMention({ id }: { id: string }) {
  return <span class="mention">@{useContext(Roles)(id) ?? "a role"}</span>;
}

function Command({ path, id }: { path: string; id: string }) {
  const open = useContext(Open);
  if (!open) return <span class="mention">/{path}</span>;
  return (
    <button type="button" class="mention" onClick={() => open(path, id)}>
      /{path}
    </button>
  );
}

export function link(href: string, shown: ComponentChildren): JSX.Element {
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {shown}
    </a>
  );
}

const FENCE = /^```(?:\w*\n)?([\s\S]*?)```/;
const HEADING = /^(#{1,3}) (.+)/;
const SUBTEXT = /^-# (.+)/;
const BULLET = /^( *)[-*] (.+)/;
const NUMBERED = /^ *(\d+)\. (.+)/;
const QUOTE = /^> ?(.*)/;

/** A whole text: headings, lists, quotes, code and lines. */
export function Markdown({ text }: { text: string }) {
  return <div class="markdown">{blocks(text)}</div>;
}

function blocks(text: string): ComponentChildren[] {
  const shown: ComponentChildren[] = [];
  let rest = text;
  while (rest) {
    const [block, taken] = first(rest);
    shown.push(block);
    rest = rest.slice(taken).replace(/^\n/, "");
  }
  return shown;
}

/** The line up to a fence that begins in its middle, where Discord draws a block as well. */
function beforeFence(text: string, line: string): string {
  const at = line.indexOf("```");
  return at > 0 && FENCE.test(text.slice(at)) ? line.slice(0, at) : line;
}

/** The first block of a text, and how many characters it takes. */
function first(text: string): [ComponentChildren, number] {
  const fence = FENCE.exec(text);
  if (fence) {
    return [
      <pre key="code">
        <code>{fence[1]}</code>
      </pre>,
      fence[0].length,
    ];
  }
  if (text.startsWith(">>> ")) return [<blockquote>{blocks(text.slice(4))}</blockquote>, text.length];
  const lines = text.split("\n");
  const line = beforeFence(text, lines[0] ?? "");
  const heading = HEADING.exec(line);
  if (heading) return [headed(heading[1]?.length ?? 1, inline(heading[2] ?? "")), line.length];
  const subtext = SUBTEXT.exec(line);
  if (subtext) return [<p class="subtext">{inline(subtext[1] ?? "")}</p>, line.length];
  for (const [form, show] of [
    [QUOTE, quote],
    [BULLET, bullets],
    [NUMBERED, numbers],
  ] as const) {
    const run = taking(lines, form);
    if (run.length) return [show(run), run.reduce((sum, found) => sum + found.input.length + 1, -1)];
  }
  return [line ? <p>{inline(line)}</p> : <br />, line.length];
}

function taking(lines: string[], form: RegExp): RegExpExecArray[] {
  const run: RegExpExecArray[] = [];
  for (const line of lines) {
    const found = form.exec(line);
    if (!found) break;
    run.push(found);
  }
  return run;
}

/** All are of one rank in the page's outline: a message may well begin with its second size. */
function headed(size: number, shown: ComponentChildren) {
  return <h3 class={["first", "second", "third"][size - 1]}>{shown}</h3>;
}

function quote(run: RegExpExecArray[]) {
  return <blockquote>{blocks(run.map((found) => found[1] ?? "").join("\n"))}</blockquote>;
}

function bullets(run: RegExpExecArray[]) {
  return (
    <ul>
      {run.map((found) => (
        <li key={found.index} class={found[1] ? "inner" : undefined}>
          {inline(found[2] ?? "")}
        </li>
      ))}
    </ul>
  );
}

function numbers(run: RegExpExecArray[]) {
  return (
    <ol start={Number(run[0]?.[1] ?? 1)}>
      {run.map((found) => (
        <li key={found[1]}>{inline(found[2] ?? "")}</li>
      ))}
    </ol>
  );
}
