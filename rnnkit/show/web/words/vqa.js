// What the explorable of chapter 11 says.

export const HYPHENS = { concatenation: "concat\u00adenation", multiplication: "multi\u00adplication", attention: "attention" }; // where a phone may break them
export const QUESTION = "Predict. Three models, concatenation, multiplication and attention, are asked `{question}`. Then the {first} and the {second} change places, and they are asked again. How many of the three are right both times?";
export const COUNTS = ["none", "one", "two", "all three"];
export const TRY = {
  existence: "Try: choose the thing, then another drawing from the palette. Who goes on seeing what has gone?",
  counting: "Try: press Add, then Remove. Whose number follows?",
  kind: "Try: put another drawing in its place. Who calls it by its new name?",
  what: "Try: let two things change places. Whose answer changes with them?",
  relation: "Try: drag one thing past the other. Whose answer turns, and where?",
};
