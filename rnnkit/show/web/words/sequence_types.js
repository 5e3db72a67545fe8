// What the explorable of chapter 1 says about each shape: its task, the question asked first, and the answer. steps: the
// fewest, the most and those at first; with fewer the question would have no answer, or two.

export const SHAPES = {
  one_to_one: { name: "one-to-one", steps: null, task: "A whole picture goes in at once, its digit comes out. No time, no state that is carried on.",
    question: "The picture has 64 pixels. How many of them can this output use?", options: ["one row of them", "all 64", "none: there is no state"], right: 1,
    why: "All 64 pixels arrive in the single step, so the single output sees all of them." },
  one_to_many: { name: "one-to-many", steps: [3, 9, 7], task: "One symbol goes in, the language. Then each letter that the network writes is its next input (dashed).",
    question: "The third letter is being written. What can it depend on?", options: ["the language alone", "the second letter alone", "the language and the first two letters"], right: 2, ask: 2,
    why: "The language passed through every state since, and the two letters came back as inputs." },
  many_to_one: { name: "many-to-one", steps: [3, 12, 12], task: "Words go in one by one; one answer is read at the end: is the opinion good or bad?",
    question: "Which states lie on a path from the first word to the answer?", options: ["the first and the last", "every state", "the last alone"], right: 1,
    why: "There is no short cut: what the first word said must survive every update in between." },
  delayed: { name: "delayed", steps: [1, 3, 3], task: "Many-to-many, with a delay: letters go in, then END. Only then the answer comes out: the letters in reverse.",
    question: "When the first answer is written, where are the letters that were read?", options: ["in the last state, and nowhere else", "in the inputs, which can be read again", "in the outputs"], right: 0,
    why: "All arrows into the answers come from that state. It must hold the whole word; attention, in chapter 10, is the way round." },
  aligned: { name: "aligned", steps: [4, 8, 6], task: "Many-to-many, step by step: a clip goes in frame by frame; at each frame the network says which way the square has just moved. (Nothing moved before the first frame, so its answer is untaught.)",
    question: "Which states can the third output see?", options: ["the third alone", "the first three", "all of them"], right: 1, ask: 2,
    why: "Arrows run from left to right only: the past is in reach, the future is not." },
  glimpses: { name: "glimpses", steps: [1, 8, 8], task: "The picture of the first shape again, but one row of 8 pixels at each step: what was space is now time.",
    question: "Stop after 4 of the 8 rows. Which pixels can the answer use?", options: ["all 64", "the 32 above", "the 8 of the fourth row"], right: 1, steps_ask: 4,
    why: "Rows that have not been read have no arrow into the answer. Set the number of steps back to 8 and see whether it changes its mind." },
};
