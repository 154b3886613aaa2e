// Package inbox is the one list of work that waits for a person: results to review, messages, refills, documents, tasks.
//
// What waits is a Task. A watch makes one for every result that arrives; that somebody has looked at the result is that Task
// completed. See docs/decisions/review-is-a-task.md.
package inbox
