/** A message as Discord would draw it, from its JSON alone: Components V2, classic rows and embeds. */
import type { ComponentChildren } from "preact";
import { placed } from "./api";
import { Button, Picker, Select } from "./controls";
import { Icon } from "./icons";
import { inline, link, Markdown } from "./markdown";
import { Timestamp } from "./timestamp";
import type { Embed, MessageData, Part } from "./types";

/** An action on a part of a message: a tap, or the values chosen in a select. */
export type Act = (part: Part, values?: string[]) => void;

/** `used` is the custom_id of the part that waits for its answer; no other can be used meanwhile. */
export interface Drawn {
  part: Part;
  act: Act;
  used?: string;
}

const SELECT_KINDS: Record<number, string> = { 5: "a user", 7: "a user or role" };

export function Message({ data, act, used }: { data: MessageData; act: Act; used?: string }) {
  return (
    <div class="message-body">
      {data.content ? <Markdown text={data.content} /> : null}
      {data.embeds?.map((embed) => (
        <EmbedBox key={JSON.stringify(embed)} embed={embed} />
      ))}
      <Parts parts={data.components ?? []} act={act} used={used} />
    </div>
  );
}

function Parts({ parts, act, used }: { parts: Part[]; act: Act; used?: string }) {
  return (
    <>
      {parts.map((part, place) => (
        <Drawing key={part.custom_id ?? `${part.type}-${place}`} part={part} act={act} used={used} />
      ))}
    </>
  );
}

function Drawing(drawn: Drawn) {
  const { part, act, used } = drawn;
  switch (part.type) {
    case 1:
      return (
        <div class="row">
          <Parts parts={part.components ?? []} act={act} used={used} />
        </div>
      );
    case 2:
      return <Button {...drawn} />;
    case 3:
      return <Select {...drawn} />;
    case 6:
    case 8:
      return <Picker {...drawn} />;
    case 5:
    case 7:
      return <p class="unplayable">A select of {SELECT_KINDS[part.type]} cannot be played here.</p>;
    case 9:
      return (
        <div class="section">
          <div class="texts">
            <Parts parts={part.components ?? []} act={act} used={used} />
          </div>
          {part.accessory ? <Drawing part={part.accessory} act={act} used={used} /> : null}
        </div>
      );
    case 10:
      return <Markdown text={part.content ?? ""} />;
    case 11:
      return <Picture url={part.media?.url} description={part.description} small />;
    case 12:
      return (
        <div class={`gallery of-${Math.min(part.items?.length ?? 0, 5)}`}>
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
        <div {...edge(part.accent_color)}>
          <Parts parts={part.components ?? []} act={act} used={used} />
        </div>
      );
    default:
      return <p class="unplayable">A part of type {part.type} is not known here.</p>;
  }
}

/** A container's frame: without a colour it has no edge. */
function edge(color?: number | null) {
  if (color === null || color === undefined) return { class: "container" };
  return { class: "container coloured", style: { borderLeftColor: `#${color.toString(16).padStart(6, "0")}` } };
}

/** A file attached to an answer of the game can be saved; elsewhere only its name is shown. */
function File({ url }: { url: string }) {
  const name = url.slice(url.lastIndexOf("/") + 1);
  return (
    <p class="file">
      <Icon name="file" size={28} />
      {url.startsWith("api/files/") ? (
        <>
          <a href={url} download={name}>
            {name}
          </a>
          <Icon name="save" />
        </>
      ) : (
        <span>{name}</span>
      )}
    </p>
  );
}

function Picture({ url, description, small = false }: { url?: string; description?: string | null; small?: boolean }) {
  if (!url) return null;
  return <img class={small ? "thumbnail" : "picture"} src={placed(url)} alt={description ?? ""} loading="lazy" />;
}

function EmbedBox({ embed }: { embed: Embed }) {
  return (
    <article {...edge(embed.color ?? 0x4e5058)}>
      {embed.author ? <p class="author">{linked(embed.author.url, embed.author.name)}</p> : null}
      {embed.title ? <h3 class="embed-title">{linked(embed.url, inline(embed.title))}</h3> : null}
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
