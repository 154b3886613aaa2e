// Package pdf writes text documents that are printed: headings, paragraphs and rows in columns, page after page, each with the same head
// and foot and "Page 3 of 12".
//
// Pages leave as they are filled, so a document of any length needs little memory. The font (DejaVu Sans Condensed) is part of the program
// and goes into each file with the characters that the file uses: it covers the Latin script with all its marks, Greek, Cyrillic, Armenian
// and Georgian. A character that cannot be drawn rightly is never left out nor replaced by another: it is written as [U+4E2D], and
// [Writer.Missing] tells of it, so that whoever prints can say so. Scripts that are written from right to left or whose letters join
// (Arabic, Hebrew, Devanagari, ...) are among these, as their words would come out wrong.
//
// Files are tagged: a screen reader is told headings, paragraphs, tables with the headers of their rows, and lists, in the order of reading;
// the head is read once, the rules and the foot never.
//
// The format is that of ISO 32000-1 (PDF 1.7).
package pdf
