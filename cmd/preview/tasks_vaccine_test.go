package main

import (
	"testing"

	cd "github.com/chromedp/chromedp"
)

// TestGiveAVaccineByKeyboard gives a flu shot from a scanned lot, within the budget of the task, and sees it on the chart and in the stock.
func TestGiveAVaccineByKeyboard(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	axe := axeSource(t)
	p := demo(t)
	p.enter(t, ctx, p.client(t, "nurse"))
	_, own, _ := p.get(t, p.client(t, "patient"), "/")
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+own), cd.WaitReady("html.js"))
	b := &budget{t: t, ctx: ctx}
	b.begin()
	b.press("i", true)
	b.until(workOpen+` && document.activeElement.name === 'scan'`, "i opens the form with the cursor where the scanner types")
	b.keys++                                                // a scanner types by itself
	do(t, ctx, cd.KeyEvent("010034928142550910UT8240AA\r")) // 49281-425-50
	b.until(`document.activeElement?.name === 'site' && document.querySelector('#work [name=lot]').selectedOptions[0].innerText.includes('UT8240AA')`, "the scan chooses the lot")
	axeCheck(t, ctx, axe)
	b.press("r", false)
	b.until(`document.querySelector('#work [name=site]').value === 'RD'`, "r chooses the right deltoid")
	b.keys++ // Ctrl
	b.enter(true, int64(cd.ModifierCtrl))
	b.until(workClosed+` && document.getElementById('toasts').innerText.includes('given to')`, "Ctrl Enter records")
	b.spent("give a flu shot", 2, 5)
	b.until(`window.anew === 1 && document.getElementById('immunizations').innerText.includes('Influenza, split virus')`, "the chart shows the dose")
	do(t, ctx, cd.Navigate(p.base+"/vaccines"), cd.WaitReady("html.js"))
	b.until(`[...document.querySelectorAll('tr')].some(r => r.innerText.includes('UT8240AA') && r.innerText.includes('47'))`, "the stock is one less")
}
