/** Discord's JSON, as far as a message, a modal or a command can hold it; unknown fields are left alone. */

export interface Emoji {
  name?: string | null;
  id?: string | null;
}

export interface SelectOption {
  label: string;
  value: string;
  description?: string;
  default?: boolean;
  emoji?: Emoji;
}

export interface Part {
  type: number;
  id?: number;
  custom_id?: string;
  components?: Part[];
  component?: Part;
  accessory?: Part;
  content?: string;
  label?: string;
  description?: string | null;
  style?: number;
  url?: string;
  emoji?: Emoji;
  disabled?: boolean;
  options?: SelectOption[];
  placeholder?: string;
  min_values?: number;
  max_values?: number;
  min_length?: number;
  max_length?: number;
  required?: boolean;
  value?: string | null;
  default?: boolean;
  accent_color?: number | null;
  divider?: boolean;
  spacing?: number;
  spoiler?: boolean;
  media?: { url: string };
  items?: { media: { url: string }; description?: string | null; spoiler?: boolean }[];
  file?: { url: string };
}

export interface Embed {
  title?: string;
  description?: string;
  url?: string;
  color?: number;
  timestamp?: string;
  author?: { name: string; url?: string };
  footer?: { text: string };
  image?: { url: string };
  thumbnail?: { url: string };
  fields?: { name: string; value: string; inline?: boolean }[];
}

export interface MessageData {
  /** A webhook's own name for one message. */
  username?: string;
  content?: string;
  embeds?: Embed[];
  components?: Part[];
  flags?: number;
  attachments?: { filename?: string; url?: string }[];
}

export interface ModalData {
  custom_id: string;
  title: string;
  components: Part[];
}

export interface Choice {
  name: string;
  value: string | number;
}

export interface Response {
  type: number;
  data?: MessageData & Partial<ModalData> & { choices?: Choice[] };
}

export interface CommandOption {
  type: number;
  name: string;
  description: string;
  required?: boolean;
  choices?: Choice[];
  autocomplete?: boolean;
  min_value?: number;
  max_value?: number;
  min_length?: number;
  max_length?: number;
  options?: CommandOption[];
}

export interface Command {
  id: string;
  name: string;
  description: string;
  default_member_permissions?: string | null;
  options?: CommandOption[];
}

export interface Application {
  app: string;
  application_id: string;
  commands: Command[];
}

export interface Persona {
  id: string;
  name: string;
  kind: string;
  user_id: string;
  permissions: string;
}

export interface Setup {
  guild: { id: string; name: string };
  apps: Application[];
  personas: Persona[];
  budget_seconds: number;
  text_bytes: number;
  ready: boolean;
  /** Whether the sample community is in the server. */
  sample: boolean;
  /** Another one after each start of the local server. */
  run: string;
}

export interface Exchange {
  number: number;
  persona: string;
  app: string;
  at: string;
  seconds: number;
  cold: boolean;
  status: number;
  request: { type: number; data?: { name?: string; custom_id?: string } };
  response: Response | null;
  violations: string[];
  bytes: number;
}

export interface Received {
  id: string;
  webhook: string;
  at: string;
  message: MessageData;
}

export interface Clockwork {
  now: string;
  pending: {
    award_id: string;
    display_name: string;
    challenge_id: string;
    xp: number;
    status: string;
    due_at: string;
  }[];
  ledger: { id: string; xp: number; kind: string; source: string; source_id: string; day: string; details: object }[];
  queues: { name: string; visible: number; delayed: number; in_flight: number; dead_letters: number }[];
  schedules: { name: string; what: string }[];
  alarms: { name: string; state: string; reason: string; since: string }[];
  webhooks: Received[];
  code: { revision: number; trouble: string };
  postgres: string;
  queue: string;
}

export interface Member {
  name: string;
  user: { id: string; bot: boolean };
  roles: string[];
  communication_disabled_until: string | null;
}

export interface Discord {
  roles: { id: string; name: string; position: number; managed: boolean }[];
  channels: { id: string; name: string; type: number }[];
  members: Member[];
  bans: { user_id: string; reason: string }[];
  audit: { action: string; user_id: string; reason: string; at: string }[];
  /** Of the bot: in a channel, or to one member (`recipient`). */
  messages: { id: string; at: string; channel: string; recipient: string; edits: number; message: MessageData }[];
  /** Answers that were edited by the token of their interaction. */
  edits: { exchange: number; edits: number; components: Part[] }[];
}

export const EPHEMERAL = 1 << 6;
