/** One seat: Discord's window as one persona sees it. */
import { useLayoutEffect, useState } from "preact/hooks";
import { closeModal, submit } from "./acting";
import { Channel } from "./channel";
import { Composer } from "./composer";
import type { Link } from "./composer";
import { Icon } from "./icons";
import { Members } from "./members";
import { Modal } from "./modal";
import type { Place } from "./places";
import { Rail, Sidebar } from "./sidebar";
import * as store from "./store";
import { You } from "./you";

export function Client({ seat }: { seat: number }) {
  const who = store.seats.value[seat] ?? "";
  const persona = store.persona(who);
  const place = store.placeOf(who);
  const opened = store.modals.value[who];
  // On a phone the channels and the messages are two screens; a wide window has room for both.
  const [menu, setMenu] = useState(false);
  const [members, setMembers] = useState<"shown" | "hidden" | "as-fits">("as-fits");
  useLayoutEffect(() => setMenu(false), [place.id, who]);
  return (
    <section
      class="client"
      aria-label={`Seat ${seat + 1}: ${persona?.name ?? ""}`}
      data-menu={menu ? "open" : "closed"}
      data-members={place.icon === "at" ? "hidden" : members}
    >
      <h2 class="unseen">
        Seat {seat + 1}: {persona?.name}
      </h2>
      <div class="window">
        <Top seat={seat} place={place} />
        <Rail who={who} />
        <Sidebar who={who} place={place} onChosen={() => setMenu(false)} />
        <You seat={seat} who={who} />
        <Chat
          key={`${who} ${place.id}`}
          seat={seat}
          who={who}
          place={place}
          openMenu={() => setMenu(true)}
          toggleMembers={setMembers}
        />
        {place.icon === "at" ? null : <Members who={who} />}
      </div>
      {opened ? (
        <Modal
          key={opened.modal.custom_id}
          modal={opened.modal}
          app={opened.app}
          busy={store.busy.value.has(`modal-${who}`)}
          broken={opened.broken}
          onSubmit={(components) => void submit(opened, components)}
          onClose={() => closeModal(who)}
        />
      ) : null}
    </section>
  );
}

/** The line at the very top: where one is, and the way to what this page adds to Discord. */
function Top({ seat, place }: { seat: number; place: Place }) {
  const name = place.id === "elsewhere" ? "Another server" : store.setup.value?.guild.name;
  return (
    <header class="top">
      <p>{place.icon === "at" ? "Direct Messages" : name}</p>
      {seat > 0 ? null : (
        <nav aria-label="View">
          <button
            type="button"
            class="plain-icon named"
            aria-expanded={store.tools.value}
            aria-controls="tools"
            onClick={() => {
              store.tools.value = !store.tools.value;
            }}
          >
            <Icon name="wrench" /> Tools
          </button>
        </nav>
      )}
    </header>
  );
}

interface Chatting {
  seat: number;
  who: string;
  place: Place;
  openMenu: () => void;
  toggleMembers: (next: (now: "shown" | "hidden" | "as-fits") => "shown" | "hidden") => void;
}

function Chat({ seat, who, place, openMenu, toggleMembers }: Chatting) {
  const [tapped, setTapped] = useState<Link | null>(null);
  const [wanted, setWanted] = useState("");
  return (
    <div class="chat">
      <header class="place">
        <button type="button" class="plain-icon to-menu" aria-label="Channels" onClick={openMenu}>
          <Icon name="back" />
        </button>
        <Icon name={place.icon} size={24} />
        <h3>{place.name}</h3>
        <p class="topic">{place.topic}</p>
        <input
          type="search"
          class="search"
          aria-label="Search"
          placeholder="Search"
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
        {place.icon === "at" ? null : (
          <button
            type="button"
            class="plain-icon"
            aria-label="Member list"
            title="Member list"
            onClick={() =>
              toggleMembers((now) => (now === "hidden" || (now === "as-fits" && !fits()) ? "shown" : "hidden"))
            }
          >
            <Icon name="people" size={24} />
          </button>
        )}
        {seat ? (
          <button
            type="button"
            class="plain-icon"
            aria-label="Close this window"
            title="Close this window"
            onClick={() => {
              store.seats.value = store.seats.value.slice(0, seat);
            }}
          >
            <Icon name="close" size={24} />
          </button>
        ) : null}
      </header>
      <Channel who={who} place={place} wanted={wanted} open={(path, id) => setTapped({ path, id })} />
      <Composer who={who} place={place} tapped={tapped} onTaken={() => setTapped(null)} />
    </div>
  );
}

/** Whether the member list is shown unasked; the style sheet says the same of its own. */
const fits = () => (document.querySelector(".client")?.clientWidth ?? 0) >= 1000;
