// Package tables holds the code systems that ship with the program, as their publishers' facts in compact form:
// ICD-10-CM, and CDC's vaccines (CVX), manufacturers (MVX), trade names and vaccine package codes (NDC).
//
// The tables are made by terms/gen and committed; NOTICE.md says where they come from. Nothing is read when the program
// starts.
package tables
