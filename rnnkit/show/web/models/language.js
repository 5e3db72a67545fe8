// The words that captions and questions about scenes share, as in rnnkit.scenes.captions.
export const NUMBERS = ["zero", "one", "two", "three", "four"];
export const plural = (noun) => noun + (noun.endsWith("s") ? "es" : "s");
export const article = (noun) => `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
export const capital = (text) => text[0].toUpperCase() + text.slice(1);
