// Package referrals follows a patient who is sent to somebody else, or who is sent to us, until the loop is closed.
//
// A referral out is an order like any other: a ServiceRequest of the category patient referral, given in the order form.
// The Task that follows every order carries the loop: its businessStatus says where it stands, its notes who did what and
// when, its outputs the days and the report, its restriction until when the next step is expected. It is over only when a
// clinician has reviewed the report.
//
// A referral in is a Task before it is anything else, because the person may not be known here yet.
package referrals
