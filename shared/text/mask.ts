/** What stands in answers for a value that is never returned once stored; sent back, it changes nothing. */
export const MASK = "***";
