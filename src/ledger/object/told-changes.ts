import type { NewEvent } from "../../webhooks/event-catalogue";
import type { Changes, Decision, Numbered } from "../core/book";

/** What a decision changes, and what is to be told of it: the core decides, the object tells. */
export interface ToldChanges extends Changes {
  events?: NewEvent[];
}

export interface ToldNumbered extends Numbered {
  events?: NewEvent[];
}

export interface ToldDecision<Answer> extends Decision<Answer> {
  changes?: ToldChanges;
  more?: ToldChanges[];
}
