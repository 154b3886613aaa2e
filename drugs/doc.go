// Package drugs is pure knowledge of medicines: what they are called, what is in them, which classes they belong to, in which
// strengths they are made, and what makes one of them unsafe. It reads no record and knows no patient.
//
// [Builtin] is the set that ships with the program. It is a starter set: the products are RxNorm's own names and codes of common
// medicines, and every table names its [Source] with version and date. What is not in it is not known, which is not the same as
// safe: [Library.Resolve] says so, and those who check must say it on.
//
// Amounts are exact (math/big); nothing is rounded here.
package drugs
