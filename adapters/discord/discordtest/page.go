package discordtest

import (
	"html/template"
	"strings"
)

// page puts windows on a page.
func page(windows []window) string {
	var b strings.Builder
	if err := template.Must(template.New("page").Parse(pageHTML)).Execute(&b, windows); err != nil {
		return escaped(err.Error())
	}
	return b.String()
}

const pageHTML = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Discord</title>
<style>
* { box-sizing: border-box }
body { margin: 0; background: #313338; color: #dbdee1; font: 16px/1.375 "gg sans", "Noto Sans", "Helvetica Neue", Arial, "Liberation Sans", sans-serif }
.window { display: grid; width: 860px; min-height: 300px; overflow: hidden; background: #313338 }
.window + .window { margin-top: 24px }
.frame, .shade { grid-area: 1 / 1 }
.frame { display: flex; min-width: 0 }
.rail { width: 60px; flex: none; padding: 12px 0; background: #1e1f22; display: flex; flex-direction: column; align-items: center; gap: 8px }
.rail span { width: 42px; height: 42px; border-radius: 21px; background: #313338; text-align: center; line-height: 42px; font-weight: 600 }
.rail .on { border-radius: 14px; background: #5865f2; color: #fff }
nav { width: 190px; flex: none; background: #2b2d31; color: #949ba4; font-size: 15px }
nav b { display: block; padding: 13px 16px; color: #f2f3f5; border-bottom: 1px solid #1f2023 }
nav small { display: block; padding: 14px 16px 4px; font-size: 12px; font-weight: 600 }
nav div { margin: 1px 8px; padding: 5px 8px; border-radius: 4px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
nav .here { background: #404249; color: #f2f3f5 }
nav i { font-style: normal; color: #80848e; margin-right: 5px }
main { flex: 1; min-width: 0; display: flex; flex-direction: column }
header { padding: 12px 16px; border-bottom: 1px solid #26282c; color: #f2f3f5; font-weight: 600 }
header i { font-style: normal; color: #80848e; margin-right: 7px }
.list { flex: 1; display: flex; flex-direction: column; justify-content: flex-end; padding: 10px 0 16px }
.message { padding: 7px 24px 7px 16px; margin-top: 8px }
.message.only { background: #393c5e4d; border-left: 2px solid #5865f2; padding-left: 14px }
.message.pinged { background: #444037; border-left: 2px solid #f0b232; padding-left: 14px }
.used { display: flex; align-items: center; gap: 5px; margin: 0 0 4px 28px; color: #b5bac1; font-size: 14px }
.used::before { content: ""; width: 24px; height: 10px; margin-top: 8px; border: 2px solid #4e5058; border-width: 2px 0 0 2px; border-radius: 6px 0 0 0 }
.used b { color: #dbdee1; font-weight: 600 } .used .cmd { color: #00a8fc }
.inside { display: flex; gap: 16px }
.avatar { flex: none; width: 40px; height: 40px; margin-top: 2px; border-radius: 50%; background: #1f6f78; color: #fff; text-align: center; line-height: 40px; font-weight: 600 }
.body { flex: 1; min-width: 0; overflow-wrap: anywhere }
.head b { color: #f2f3f5; font-weight: 600 } .head time { margin-left: 6px; color: #949ba4; font-size: 12px }
.head .app { margin-left: 4px; padding: 1px 5px; border-radius: 4px; background: #5865f2; color: #fff; font-size: 10px; font-weight: 600; vertical-align: 2px }
.edited, .note { color: #949ba4; font-size: 12px } .note { display: flex; align-items: center; gap: 5px; margin-top: 5px } .note a { color: #00a8fc }
.thinking { color: #949ba4 }
.text { margin: 2px 0 } .text + .text { margin-top: 8px }
h1, h2, h3 { margin: 8px 0 4px; color: #f2f3f5; font-weight: 700; line-height: 1.3 } h1 { font-size: 24px } h2 { font-size: 20px } h3 { font-size: 17px }
.text > h1:first-child, .text > h2:first-child, .text > h3:first-child { margin-top: 2px }
.subtext { display: block; color: #949ba4; font-size: 13px; line-height: 1.4 }
blockquote { margin: 3px 0; padding: 0 8px 0 12px; border-left: 4px solid #4e5058; border-radius: 4px }
code { padding: 2px 4px; border-radius: 4px; background: #2b2d31; font: 14px "Liberation Mono", Menlo, monospace }
pre { margin: 6px 0; padding: 8px; border: 1px solid #1e1f22; border-radius: 4px; background: #2b2d31; font: 14px/1.3 "Liberation Mono", Menlo, monospace; white-space: pre-wrap }
.link { color: #00a8fc } .mention { padding: 0 2px; border-radius: 3px; background: #3c4270; color: #c9cdfb; font-weight: 500 }
.stamp { padding: 0 2px; border-radius: 3px; background: #3f4147 } .spoiler { border-radius: 4px; background: #4e5058 }
.item { display: flex; gap: 8px; padding-left: 8px; white-space: pre }.item > div { white-space: normal }
.container { max-width: 560px; margin: 6px 0 2px; padding: 14px 16px; border: 1px solid #3f4147; border-left: 4px solid #3f4147; border-radius: 8px; background: #2b2d31 }
.container code { background: #1e1f22 }
.container .title { font-weight: 600; color: #f2f3f5 } .container .author { font-size: 14px; font-weight: 600 }
.section { display: flex; gap: 16px; justify-content: space-between } .section img { max-width: 85px }
hr { border: 0; border-top: 1px solid #46484f; margin: 8px 0 } hr.s2 { margin: 16px 0 } .space { height: 10px }
.row { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0 2px }
.button { display: inline-flex; align-items: center; min-height: 34px; padding: 2px 14px; border-radius: 6px; color: #fff; font-size: 14px; font-weight: 500 }
.primary { background: #5865f2 } .secondary { background: #4e5058 } .success { background: #248046 } .danger { background: #c83439 } .off { opacity: .5 }
.menu { display: flex; flex: 1; max-width: 420px; justify-content: space-between; min-height: 42px; padding: 9px 12px; border: 1px solid #1e1f22; border-radius: 6px; background: #1e1f22; font-size: 15px }
.empty { color: #949ba4 } .arrow { color: #b5bac1 }
img { display: block; max-width: 420px; margin: 6px 0; border-radius: 8px } .image { display: inline-block; margin: 6px 0; padding: 20px 26px; border: 1px dashed #6d6f78; border-radius: 8px; color: #b5bac1; font-size: 14px }
.file { display: inline-flex; flex-direction: column; margin: 6px 0; padding: 10px 14px; border: 1px solid #3f4147; border-radius: 8px; background: #2b2d31 } .file b { color: #00a8fc; font-weight: 500 } .file span { color: #949ba4; font-size: 12px }
.write { margin: 0 16px 20px; padding: 10px 16px; border-radius: 8px; background: #383a40; color: #7c8089 }
.offers { margin: 0 16px; padding: 10px 8px; border-radius: 8px 8px 0 0; background: #2b2d31; font-size: 15px } .offers small { display: block; padding: 0 8px 6px; color: #b5bac1; font-size: 12px; font-weight: 600 } .offers div { padding: 5px 8px; border-radius: 4px } .offers div:first-of-type { background: #404249; color: #f2f3f5 }
.offers + .write { border-radius: 0 0 8px 8px; color: #dbdee1 } .write .option { margin-left: 8px; padding: 2px 6px; border-radius: 4px; background: #1e1f22 }
.shade { z-index: 1; display: flex; align-items: center; justify-content: center; background: rgba(0, 0, 0, .6) }
.modal { width: 440px; margin: 28px 0; border-radius: 8px; background: #313338; box-shadow: 0 8px 32px rgba(0, 0, 0, .4) }
.modal h2 { display: flex; gap: 12px; align-items: center; margin: 0; padding: 16px; font-size: 20px } .modal h2 .avatar { width: 28px; height: 28px; line-height: 28px; margin: 0; font-size: 14px }
.modal .inner { padding: 0 16px 12px; overflow-wrap: anywhere } .modal .menu { max-width: none }
.modal .notice { margin: 0 0 12px; padding: 9px 11px; border-radius: 5px; background: #2b2d31; color: #b5bac1; font-size: 13px }
.modal footer { display: flex; justify-content: flex-end; gap: 8px; padding: 14px 16px; border-radius: 0 0 8px 8px; background: #2b2d31 } .modal footer .button { min-height: 38px } .modal .cancel { background: none }
.input { margin: 14px 0 } .input label { display: block; margin-bottom: 6px; color: #f2f3f5; font-size: 15px; font-weight: 600 } .input em { margin-left: 3px; color: #f23f43; font-style: normal }
.hint { margin: -3px 0 7px; color: #b5bac1; font-size: 13px } .problem { padding: 0 16px 12px; color: #fa777c; font-size: 14px }
.line { min-height: 40px; padding: 9px 12px; border-radius: 5px; background: #1e1f22; white-space: pre-wrap } .line.long { min-height: 96px }
.choice { display: flex; align-items: center; gap: 10px; margin: 6px 0 } .circle, .square { flex: none; width: 18px; height: 18px; border: 1px solid #80848e; border-radius: 50% } .square { border-radius: 4px } .circle.on { border: 5px solid #5865f2 } .square.on { background: #5865f2; border-color: #5865f2 }
</style>
{{range .}}{{$w := .}}<div class="window"><div class="frame">
<div class="rail" aria-hidden="true"><span{{if .Direct}} class="on"{{end}}>@</span>{{range .Rail}}<span{{if .Here}} class="on"{{end}}>{{.Initial}}</span>{{end}}</div>
<nav aria-label="Channels">{{if .Direct}}<b>Direct Messages</b><small>Direct Messages</small><div class="here">{{.App}}</div>{{else}}<b>{{.Server}}</b><small>Text Channels</small>{{range .Channels}}<div{{if eq . $w.Place}} class="here"{{end}}><i>#</i>{{.}}</div>{{end}}{{end}}</nav>
<main><header><i>{{if .Direct}}@{{else}}#{{end}}</i>{{.Place}}</header>
<div class="list">
{{range .Messages}}<div class="message{{if .Only}} only{{else if .Pinged}} pinged{{end}}">{{if .Used}}<div class="used"><b>{{.User}}</b> used <span class="cmd">{{.Used}}</span></div>{{end}}
<div class="inside"><div class="avatar" aria-hidden="true">{{$w.Initial}}</div><div class="body"><div class="head"><b>{{$w.App}}</b><span class="app">APP</span><time>{{.Time}}</time></div>{{if .Thinking}}<div class="thinking">{{$w.App}} is thinking...</div>{{end}}{{.Body}}{{if .Edited}}<span class="edited">(edited)</span>{{end}}{{if .Only}}<div class="note"><svg width="14" height="10" viewBox="0 0 14 10" fill="none" stroke="currentColor" stroke-width="1.3" aria-hidden="true"><path d="M.8 5C3 1.8 5 .8 7 .8S11 1.8 13.2 5C11 8.2 9 9.2 7 9.2S3 8.2.8 5Z"/><circle cx="7" cy="5" r="1.9"/></svg>Only you can see this &#8226; <a>Dismiss message</a></div>{{end}}</div></div></div>
{{end}}</div>{{if .Offers}}<div class="offers"><small>{{.Option}}</small>{{range .Offers}}<div>{{.Name}}</div>{{end}}</div><div class="write">{{.Command}}<span class="option">{{.Option}}: {{.Typed}}</span></div></main></div>{{else}}<div class="write">Message {{if .Direct}}@{{else}}#{{end}}{{.Place}}</div></main></div>{{end}}
{{with .Modal}}<div class="shade"><div class="modal" role="dialog"><h2><span class="avatar" aria-hidden="true">{{.Initial}}</span>{{.Title}}</h2><div class="inner"><div class="notice">This form will be submitted to {{.App}}. Do not share passwords or other sensitive information.</div>{{.Body}}</div>{{with .Error}}<div class="problem">{{.}}</div>{{end}}<footer><span class="button cancel">Cancel</span><span class="button primary">Submit</span></footer></div></div>{{end}}
</div>
{{end}}</html>
`
