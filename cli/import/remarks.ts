import { formerKeyField } from "../../shared/check/heartbeat.ts";
import type { Warnings } from "./warnings.ts";

/* What is said in the same words of every source. */

export function isOfNoType(warnings: Warnings, place: string, name: string, what: string): undefined {
  warnings.add("lost", "type", place, `"${name}" is not imported: there is no check of ${what}`);
}

export function becomesPing(warnings: Warnings, place: string, name: string): void {
  warnings.add("note", "icmp", place, `"${name}" becomes a ping (ICMP), which a machine sends and Lambda cannot`);
}

export function getsAddress(warnings: Warnings, place: string, name: string): void {
  warnings.add("todo", "ping-url", place, `"${name}" gets an address of its own: the job must call it`);
}

/** Keeps the key that a job calls already, where it can be one. @returns what the target gets of it */
export function keepsKey(warnings: Warnings, place: string, name: string, key: string): { formerKey?: string } {
  if (!formerKeyField.safeParse(key).success) {
    getsAddress(warnings, place, name);
    return {};
  }
  warnings.add("todo", "ping-url", place, `"${name}" is called as before: its job needs only this monitor's host name in its address`);
  return { formerKey: key };
}

export function toldNobody(warnings: Warnings, place: string): void {
  warnings.add("note", "silent", place, "told nobody, and does not: channels is empty");
}

export function isCheckedFromOneRegion(warnings: Warnings, place: string): void {
  warnings.add("lost", "regions", place, "it is checked from one region, the deployment's");
}

export function hasNoDescription(warnings: Warnings, place: string): void {
  warnings.add("lost", "description", place, "a target has no description");
}
