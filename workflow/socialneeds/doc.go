// Package socialneeds keeps what a person lacks that bears on health - food, housing, transport, safety - with what is to be reached and
// to whom the person was referred. (US Core: social determinants of health.)
package socialneeds
