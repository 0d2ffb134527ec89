import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanText } from "../../../shared/text/clean-text.ts";
import { isVisible } from "../../../shared/text/visible-text.ts";

describe("a name", () => {
  it.each(["Shop", "Größe 3", "店", "שלום", "مرحبا", "👩‍👩‍👧 family", "❤️", "🏳️‍🌈", "a_b-c (d) [e] #1", "é", "e\u0301", "🇩🇪"])(
    "%j may be",
    (name) => {
      expect(isVisible(name)).toBe(true);
    },
  );

  it.each([
    ["nothing but a blank of Braille", "\u2800"],
    ["Hangul fillers", "\u3164\u3164"],
    ["a zero-width space", "a\u200bb"],
    ["a zero-width joiner without emoji", "a\u200db"],
    ["a soft hyphen", "a\u00adb"],
    ["a direction mark", "a\u202eb"],
    ["an isolate", "\u2066a"],
    ["a line break", "a\nb"],
    ["a line separator", "a\u2028b"],
    ["an escape", "\u001b[31m"],
    ["a tag character", "a\u{e0041}"],
    ["a private character", "\ue000"],
    ["an unassigned one", "\u0378"],
    ["half a character", "\ud83d"],
    ["a mark alone", "\u0301"],
    ["a variation selector alone", "a\ufe0f"],
    ["an ideographic blank alone", "\u3000"],
  ])("%s may not be", (_, name) => {
    expect(isVisible(name)).toBe(false);
  });
});

describe("a text from outside", () => {
  it("is on one line, without what is hidden, within its limit and well formed, whatever it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), fc.integer({ min: 1, max: 80 }), (text, limit) => {
        const clean = cleanText(text, limit);
        expect(clean).toMatch(/^[^\p{C}\u2028\u2029]*$/u);
        expect(clean.isWellFormed()).toBe(true);
        expect([...new Intl.Segmenter("en").segment(clean)].length).toBeLessThanOrEqual(limit + 1);
        expect(cleanText(clean, limit + 1)).toBe(clean);
      }),
    );
  });

  it("is cut at a whole character, and only when it is too long", () => {
    expect(cleanText(`${"👩‍👩‍👧".replaceAll("\u200d", "")}abc`, 3).isWellFormed()).toBe(true);
    expect(cleanText("e\u0301e\u0301e\u0301", 2)).toBe("e\u0301…");
    expect(cleanText("abc", 3)).toBe("abc");
    expect(cleanText("  a \u0000\r\n b  ", 10)).toBe("a b");
    expect(cleanText("x".repeat(1_000_000), 5)).toBe("xxxx…");
  });
});
