/** Every picture the game draws: as it usually is, and in each state on dark and on light ground, with its text. */
import { Icon } from "./icons";

interface File {
  file: string;
  size: [number, number];
}

/** A state is a part of its kind's sheet, where `top` and `height` are pixels; dark is on the left, light on the right. */
interface State {
  state: string;
  top: number;
  height: number;
  text: string;
}

export interface Kind {
  name: string;
  usual: (File & { text: string })[];
  sheet: File;
  states: State[];
}

const GAP = 12;

export function Pictures({ kinds }: { kinds: Kind[] }) {
  return (
    <section id="pictures" aria-label="Pictures">
      <h2>
        <Icon name="eye" size={24} /> Pictures
      </h2>
      {kinds.map((kind) => (
        <div key={kind.name}>
          {kind.usual.map((one) => (
            <article key={one.file} class="drawing" aria-label={`${kind.name}: ${one.file}`}>
              <h3 class="state">{kind.name}</h3>
              <img src={one.file} alt={one.text} width={one.size[0]} height={one.size[1]} />
              <AltText text={one.text} />
            </article>
          ))}
          {kind.states.map((state) => (
            <article key={state.state} class="drawing" aria-label={`${kind.name}: ${state.state}`}>
              <h3 class="state">
                {kind.name}: {state.state}
              </h3>
              <div class="grounds">
                <Part sheet={kind.sheet} state={state} alt={state.text} />
                <Part sheet={kind.sheet} state={state} alt="" light />
              </div>
              <AltText text={state.text} />
            </article>
          ))}
        </div>
      ))}
    </section>
  );
}

/** What the picture says to people who cannot see it, for those who can. */
function AltText({ text }: { text: string }) {
  return (
    <p class="alt-text" aria-hidden="true">
      {text}
    </p>
  );
}

/** Half of the sheet's width, and as much of its height as the state has, whatever the size of the screen. */
function Part({ sheet, state, alt, light = false }: { sheet: File; state: State; alt: string; light?: boolean }) {
  const [width, height] = sheet.size;
  const left = light ? -50 : 0;
  const top = (-100 * (state.top - GAP)) / height;
  return (
    <div class="ground-half" style={{ aspectRatio: `${width / 2} / ${state.height + 2 * GAP}` }}>
      <img
        src={sheet.file}
        alt={alt}
        width={width}
        height={height}
        style={{ transform: `translate(${left}%, ${top}%)` }}
      />
    </div>
  );
}
