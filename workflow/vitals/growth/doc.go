// Package growth tells how a child's size stands among children of the same sex and age: z-scores and percentiles by the LMS method.
//
// A [Reference] is a set of tables: [CDC] is the growth charts of 2000 with the extended BMI percentiles of 2022, and stands in the
// program. The WHO's standards for the first years of life may not be passed on by us; [LoadWHO] reads the tables that the WHO gives
// out from a folder.
//
// Everything here is arithmetic on months, kilograms and centimetres: no clock, no input or output but the reading of tables.
//
// Sources: T. J. Cole, P. J. Green, "Smoothing reference centile curves: the LMS method and penalized likelihood", Statistics in
// Medicine 11 (1992). Kuczmarski et al., "2000 CDC growth charts for the United States", Vital Health Statistics 11(246) (2002). Wei et
// al., "A method for calculating BMI z-scores and percentiles above the 95th percentile of the CDC growth charts", Annals of Human
// Biology 47 (2020), with the CDC's data files of 2022. WHO, "Child growth standards: methods and development" (2006), chapter 7.
package growth
