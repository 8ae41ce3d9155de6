/** Round pictures of people and applications: their initial on a colour of their own. */

/** Each with a contrast of 4.5 or more to white. */
const COLOURS = ["#5b67e6", "#b4436c", "#2f7d5b", "#a65313", "#7a52cc", "#0f7490", "#b03a37", "#66701c"];

function colour(name: string): string {
  const sum = [...name].reduce((known, letter) => (known * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7);
  return COLOURS[sum % COLOURS.length] ?? "";
}

/** The picture of somebody without a name, as a data URL: each address has its colour. */
export const portrait = (url: string) =>
  `data:image/svg+xml,${encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">' +
      `<path fill="${colour(url)}" d="M0 0h64v64H0z"/>` +
      '<path fill="#fff" d="M32 13a11 11 0 1 1 0 22 11 11 0 0 1 0-22M12 54a20 15 0 0 1 40 0z"/></svg>',
  )}`;

export const initial = (name: string) => [...name.trim()][0]?.toUpperCase() ?? "?";

/** `size` in pixels; `status` adds the green dot of somebody who is there. */
export function Avatar({
  name,
  size = 40,
  app,
  status,
}: {
  name: string;
  size?: number;
  app?: string;
  status?: boolean;
}) {
  const style = {
    width: `${size}px`,
    height: `${size}px`,
    fontSize: `${size * 0.45}px`,
    ...(app ? {} : { background: colour(name) }),
  };
  return (
    <span class={app ? `avatar app ${app}` : "avatar"} style={style} aria-hidden="true">
      {initial(name)}
      {status ? <span class="status" /> : null}
    </span>
  );
}
