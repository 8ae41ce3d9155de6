/** The page: one or two seats in Discord's window, and the tools beside them, which are folded away at first. */
import "./styles/index.css";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { Client } from "./client";
import { Gallery } from "./gallery";
import { Names, Roles } from "./reading";
import { talk } from "./samples";
import * as store from "./store";
import { Tools } from "./tools";
import { listen, look } from "./watching";

const LOOK = 2000;

function Page() {
  useEffect(() => {
    void store.begin().then(talk).then(look);
    listen();
    const looking = setInterval(() => {
      if (!store.setup.value?.ready || store.trouble.value) void store.begin().then(talk);
      void look();
    }, LOOK);
    return () => clearInterval(looking);
  }, []);
  if (!store.setup.value)
    return (
      <main class="opening">
        <p role="status">{store.trouble.value || "Opening the server ..."}</p>
      </main>
    );
  const code = store.clockwork.value?.code.trouble;
  return (
    <main class="desk" aria-label={store.setup.value.guild.name}>
      <h1 class="unseen">{store.setup.value.guild.name}</h1>
      {store.trouble.value ? (
        <p class="banner" role="alert">
          {store.trouble.value}
        </p>
      ) : null}
      {code ? (
        <p class="banner" role="alert">
          Your change of the code is not served, the code before it is. {code}
        </p>
      ) : null}
      <div class="seats">
        {store.seats.value.map((_, seat) => (
          <Client key={seat} seat={seat} />
        ))}
      </div>
      {store.tools.value ? <Tools /> : null}
    </main>
  );
}

const root = document.getElementById("page");
const page = location.pathname.endsWith("/gallery") ? <Gallery /> : <Page />;
if (root)
  render(
    <Names.Provider value={store.names.user}>
      <Roles.Provider value={store.names.role}>{page}</Roles.Provider>
    </Names.Provider>,
    root,
  );
