/** A message as Discord would draw it, from its JSON alone: Components V2, classic rows and embeds. */
import type { ComponentChildren } from "preact";
import { inline, link, Markdown } from "./markdown";
import { Timestamp } from "./timestamp";
import type { Embed, Emoji, MessageData, Part } from "./types";

/** An action on a part of a message: a tap, or the values chosen in a select. */
export type Act = (part: Part, values?: string[]) => void;

interface Drawn {
  part: Part;
  act: Act;
  busy: boolean;
}

const STYLES: Record<number, string> = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };
const SELECT_KINDS: Record<number, string> = { 5: "a user", 6: "a role", 7: "a user or role", 8: "a channel" };

export function Message({ data, act, busy = false }: { data: MessageData; act: Act; busy?: boolean }) {
  return (
    <div class="message-body">
      {data.content ? <Markdown text={data.content} /> : null}
      {data.embeds?.map((embed) => (
        <EmbedBox key={JSON.stringify(embed)} embed={embed} />
      ))}
      <Parts parts={data.components ?? []} act={act} busy={busy} />
    </div>
  );
}

function Parts({ parts, act, busy }: { parts: Part[]; act: Act; busy: boolean }) {
  return (
    <>
      {parts.map((part, place) => (
        <Drawing key={part.custom_id ?? `${part.type}-${place}`} part={part} act={act} busy={busy} />
      ))}
    </>
  );
}

function Drawing(drawn: Drawn) {
  const { part, act, busy } = drawn;
  switch (part.type) {
    case 1:
      return (
        <div class="row">
          <Parts parts={part.components ?? []} act={act} busy={busy} />
        </div>
      );
    case 2:
      return <Button {...drawn} />;
    case 3:
      return <Select {...drawn} />;
    case 5:
    case 6:
    case 7:
    case 8:
      return <p class="unplayable">A select of {SELECT_KINDS[part.type]} cannot be played here.</p>;
    case 9:
      return (
        <div class="section">
          <div class="texts">
            <Parts parts={part.components ?? []} act={act} busy={busy} />
          </div>
          {part.accessory ? <Drawing part={part.accessory} act={act} busy={busy} /> : null}
        </div>
      );
    case 10:
      return <Markdown text={part.content ?? ""} />;
    case 11:
      return <Picture url={part.media?.url} description={part.description} small />;
    case 12:
      return (
        <div class="gallery">
          {part.items?.map((item) => (
            <Picture key={item.media.url} url={item.media.url} description={item.description} />
          ))}
        </div>
      );
    case 13:
      return <File url={part.file?.url ?? ""} />;
    case 14:
      return part.divider === false ? (
        <div class={`gap size-${part.spacing ?? 1}`} />
      ) : (
        <hr class={`size-${part.spacing ?? 1}`} />
      );
    case 17:
      return (
        <div class="container" style={accent(part.accent_color)}>
          <Parts parts={part.components ?? []} act={act} busy={busy} />
        </div>
      );
    default:
      return <p class="unplayable">A part of type {part.type} is not known here.</p>;
  }
}

function accent(color?: number | null) {
  return color === null || color === undefined ? {} : { borderLeftColor: hex(color) };
}

const hex = (color: number) => `#${color.toString(16).padStart(6, "0")}`;

function glyph(emoji?: Emoji): ComponentChildren {
  if (!emoji?.name) return null;
  return <span aria-hidden="true">{emoji.id ? `:${emoji.name}:` : emoji.name} </span>;
}

function Button({ part, act, busy }: Drawn) {
  const style = STYLES[part.style ?? 2] ?? "secondary";
  if (part.url)
    return (
      <a class={`button ${style}`} href={part.url} target="_blank" rel="noreferrer">
        {glyph(part.emoji)}
        {part.label} <span aria-hidden="true">↗</span>
      </a>
    );
  return (
    <button
      type="button"
      class={`button ${style}`}
      disabled={part.disabled || busy}
      aria-label={part.label ? undefined : (part.emoji?.name ?? "button")}
      onClick={() => act(part)}
    >
      {glyph(part.emoji)}
      {part.label}
    </button>
  );
}

function Select({ part, act, busy }: Drawn) {
  const options = part.options ?? [];
  const chosen = options.filter((option) => option.default).map((option) => option.value);
  const several = (part.max_values ?? 1) > 1;
  const label = part.placeholder || "Choose";
  if (several) return <SeveralSelect part={part} act={act} busy={busy} />;
  return (
    <select
      class="select"
      aria-label={label}
      disabled={part.disabled || busy}
      value={chosen[0] ?? ""}
      onChange={(event) => act(part, [event.currentTarget.value])}
    >
      {chosen.length ? null : (
        <option value="" disabled>
          {label}
        </option>
      )}
      {options.map((option) => (
        <option key={option.value} value={option.value} title={option.description}>
          {option.label}
          {option.description ? ` (${option.description})` : ""}
        </option>
      ))}
    </select>
  );
}

function SeveralSelect({ part, act, busy }: Drawn) {
  return (
    <form
      class="several"
      onSubmit={(event) => {
        event.preventDefault();
        act(part, new FormData(event.currentTarget).getAll("chosen").map(String));
      }}
    >
      <fieldset disabled={part.disabled || busy}>
        <legend>{part.placeholder || "Choose"}</legend>
        {part.options?.map((option) => (
          <label key={option.value}>
            <input type="checkbox" name="chosen" value={option.value} defaultChecked={option.default} /> {option.label}
          </label>
        ))}
        <button type="submit" class="button secondary">
          Choose
        </button>
      </fieldset>
    </form>
  );
}

/** A file attached to an answer of the game can be saved; elsewhere only its name is shown. */
function File({ url }: { url: string }) {
  const name = url.slice(url.lastIndexOf("/") + 1);
  return (
    <p class="file">
      <span aria-hidden="true">📎</span>{" "}
      {url.startsWith("api/files/") ? (
        <a href={url} download={name}>
          {name}
        </a>
      ) : (
        name
      )}
    </p>
  );
}

function Picture({ url, description, small = false }: { url?: string; description?: string | null; small?: boolean }) {
  if (!url) return null;
  return <img class={small ? "thumbnail" : "picture"} src={url} alt={description ?? ""} loading="lazy" />;
}

function EmbedBox({ embed }: { embed: Embed }) {
  return (
    <article class="container" style={accent(embed.color)}>
      {embed.author ? <p class="author">{linked(embed.author.url, embed.author.name)}</p> : null}
      {embed.title ? <h3 class="second">{linked(embed.url, inline(embed.title))}</h3> : null}
      {embed.description ? <Markdown text={embed.description} /> : null}
      {embed.fields?.length ? (
        <dl class="fields">
          {embed.fields.map((field) => (
            <div key={field.name} class={field.inline ? "inline" : undefined}>
              <dt>{inline(field.name)}</dt>
              <dd>
                <Markdown text={field.value} />
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
      <Picture url={embed.image?.url} />
      <Picture url={embed.thumbnail?.url} small />
      {embed.footer || embed.timestamp ? (
        <p class="subtext">
          {embed.footer?.text}
          {embed.footer && embed.timestamp ? " • " : null}
          {embed.timestamp ? <Timestamp unix={Date.parse(embed.timestamp) / 1000} style="f" /> : null}
        </p>
      ) : null}
    </article>
  );
}

const linked = (url: string | undefined, shown: ComponentChildren) => (url ? link(url, shown) : shown);
