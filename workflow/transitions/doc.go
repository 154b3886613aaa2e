// Package transitions follows patients home from hospital.
//
// A notice of an admission or a discharge becomes an Encounter that happened elsewhere, and a discharge makes a Task with
// two clocks: the patient is reached within two business days, and seen within seven days. In between the medicines are
// reconciled. The Task is over when each of the three is done, with its evidence, or there is a reason why not.
//
// The clocks are those of transitional care management in the United States (42 CFR 414.22 and the descriptors of CPT 99495
// and 99496): contact within two business days of the discharge, a visit within seven days where decisions are hard.
// Federal holidays are not known here and count as business days: the clock is then early, never late.
package transitions
