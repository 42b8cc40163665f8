/** Who asks for a change: the holder of an API key, or a person at the dashboard. */
export interface Actor {
  /** An API key's id, or `user:` and the platform's id of the person. */
  id: string;
  /** The person's name, null for a key. */
  name: string | null;
}
