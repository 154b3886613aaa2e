// Package instruments asks questions from FHIR Questionnaires - those that come with it and those of the record - and keeps the answers
// and the scores that follow from them.
//
// What an instrument asks and how it is scored stands in its Questionnaire: the points of an answer are its ordinalValue, the item that
// holds the score carries the extension questionnaire-score with the bands and their source, and an item whose answer calls for action
// at once carries questionnaire-alert. A score is computed here, from the answers, never taken from a form; without every answer that
// it needs there is none.
package instruments
