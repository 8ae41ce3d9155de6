/** The servers, and the channels of the one that somebody is in. */
import { Avatar, initial } from "./avatar";
import { Icon } from "./icons";
import { channels, DIRECT, home } from "./places";
import type { Place } from "./places";
import * as store from "./store";
import { unread } from "./unread";

export function Rail({ who }: { who: string }) {
  const persona = store.persona(who);
  const isDirect = store.placeOf(who).id === DIRECT.id;
  const server = persona?.kind === "stranger" ? "Another server" : (store.setup.value?.guild.name ?? "");
  const news = channels(persona).some((place) => unread(who, place.id));
  return (
    <nav class="rail" aria-label="Servers">
      <Server
        name="Direct Messages"
        chosen={isDirect}
        count={unread(who, DIRECT.id)}
        go={() => store.goTo(who, DIRECT.id)}
      >
        <Icon name="chat" size={26} />
      </Server>
      <hr />
      {persona?.kind === "direct" ? null : (
        <Server name={server} chosen={!isDirect} news={news} go={() => store.goTo(who, home(persona).id)}>
          <i
            data-initials={server
              .split(" ")
              .map((word) => initial(word))
              .join("")}
          />
        </Server>
      )}
      <a class="server" href="gallery" aria-label="Gallery" title="Gallery: every message the game can send">
        <span>
          <Icon name="compass" size={24} />
        </span>
      </a>
    </nav>
  );
}

interface Server {
  name: string;
  chosen: boolean;
  news?: boolean;
  count?: number;
  go: () => void;
  children: preact.ComponentChildren;
}

function Server({ name, chosen, news, count = 0, go, children }: Server) {
  const told = count ? `${name}, ${count} unread` : name;
  return (
    <button
      type="button"
      class={["server", chosen ? "chosen" : "", news ? "news" : ""].filter(Boolean).join(" ")}
      aria-label={told}
      aria-current={chosen ? "true" : undefined}
      title={name}
      onClick={go}
    >
      <span>{children}</span>
      {count ? (
        <b class="count" aria-hidden="true">
          {count}
        </b>
      ) : null}
    </button>
  );
}

interface Side {
  who: string;
  place: Place;
  onChosen: () => void;
}

export function Sidebar({ who, place, onChosen }: Side) {
  const persona = store.persona(who);
  const shown = channels(persona);
  const groups = [...new Set(shown.map((one) => one.group))];
  const row = (one: Place) => (
    <Row
      key={one.id}
      who={who}
      place={one}
      chosen={one.id === place.id}
      go={() => {
        store.goTo(who, one.id);
        onChosen();
      }}
    />
  );
  const isDirect = place.id === DIRECT.id;
  return (
    <nav class="channels" aria-label="Channels">
      <h3 class="server-name">
        {isDirect ? "Direct Messages" : place.id === "elsewhere" ? "Another server" : store.setup.value?.guild.name}
      </h3>
      {isDirect
        ? row(DIRECT)
        : groups.map((group) => (
            <details key={group} open>
              <summary>
                {group} <Icon name="down" size={12} />
              </summary>
              {shown.filter((one) => one.group === group).map(row)}
            </details>
          ))}
    </nav>
  );
}

function Row({ who, place, chosen, go }: { who: string; place: Place; chosen: boolean; go: () => void }) {
  const count = chosen ? 0 : unread(who, place.id);
  const isDirect = place.id === DIRECT.id;
  return (
    <button
      type="button"
      class={["channel-row", chosen ? "chosen" : "", count ? "news" : ""].filter(Boolean).join(" ")}
      aria-current={chosen ? "page" : undefined}
      onClick={go}
    >
      {isDirect ? <Avatar name={place.name} app="main" size={32} status /> : <Icon name={place.icon} />}
      <span>{place.name}</span>
      {count ? <span class="unseen">, {count} unread</span> : null}
      {count && isDirect ? (
        <b class="count" aria-hidden="true">
          {count}
        </b>
      ) : null}
    </button>
  );
}
