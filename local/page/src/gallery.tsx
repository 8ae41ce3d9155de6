/** Every message the game can send, drawn from a file: what members see, all on one page. */
import { useEffect, useState } from "preact/hooks";
import { Message } from "./messages";
import { Modal } from "./modal";
import type { MessageData, ModalData } from "./types";

interface Scene {
  name: string;
  state: string;
  kind: "message" | "modal" | "choices";
  data: MessageData & ModalData & { choices?: { name: string }[] };
}

export function Gallery() {
  const [scenes, setScenes] = useState<Scene[]>([]);
  const [modal, setModal] = useState<ModalData | null>(null);
  useEffect(() => {
    void fetch("/gallery.json").then(async (answer) => setScenes((await answer.json()) as Scene[]));
  }, []);
  const names = [...new Set(scenes.map((scene) => scene.name))];
  return (
    <main class="scenes">
      <h1>Every message the game can send</h1>
      <p>
        <a href="/">Back to the channel</a>. {scenes.length} messages in all.
      </p>
      {names.map((name) => (
        <section key={name} aria-label={name}>
          <h2>{name}</h2>
          {scenes
            .filter((scene) => scene.name === name)
            .map((scene) => (
              <article key={scene.state} class="message" aria-label={`${name}: ${scene.state}`}>
                <h3 class="hush">{scene.state}</h3>
                {scene.kind === "message" ? <Message data={scene.data} act={() => undefined} /> : null}
                {scene.kind === "modal" ? (
                  <button type="button" class="button secondary" onClick={() => setModal(scene.data)}>
                    Open the form "{scene.data.title}"
                  </button>
                ) : null}
                {scene.kind === "choices" ? (
                  <p>{scene.data.choices?.map((choice) => choice.name).join(" · ")}</p>
                ) : null}
              </article>
            ))}
        </section>
      ))}
      {modal ? (
        <Modal modal={modal} busy={false} onSubmit={() => setModal(null)} onClose={() => setModal(null)} />
      ) : null}
    </main>
  );
}
