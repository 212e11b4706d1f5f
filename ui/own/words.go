package own

// words say what was in the way, by the names that the script gives. The script knows no sentences.
var words = [...][2]string{
	{"empty", "The file is empty."},
	{"no pixels", "The picture has no pixels: its width or its height is 0."},
	{"cut short", "The file ends before it says how large its picture is. It may have been copied only in part."},
	{"broken", "The picture is broken and cannot be decoded. Open it in another program, save it again and try that file."},
	{"no picture", "This is no picture that the page can read. It takes PNG, JPEG and WebP."},
	{"other picture", "This is a picture of another kind (GIF, BMP, TIFF, HEIC or AVIF). Save it as PNG, JPEG or WebP and try again."},
	{"SVG", "An SVG is a drawing without pixels of its own. Save it as PNG and try again."},
	{"unreadable", "The browser could not read the file. Was it a folder, or has it been moved?"},
	{"link", "That is a link to a picture and not the picture. Nothing is fetched from elsewhere: save the picture and drop the file."},
	{"refused", "The browser does not let the page use the camera. Allow it in the browser's settings for this page, or take a file."},
	{"no camera", "No camera was found. Take a file, or paint a picture."},
	{"busy camera", "The camera cannot be used now: another program may have it."},
	{"no asking", "This browser gives pages no camera here. It does on secure addresses (https) and on this machine itself."},
	{"no photograph", "The photograph could not be loaded. Check the connection and try again."},
	{"no memory", "The browser had no room to decode the picture. Save it smaller and try again."},
	{"no script", "What reads pictures could not be loaded. Check the connection and try again."},
}

// Words is what is told where a picture could not be had; what has no words of its own is told as it is.
func Words(code string) string {
	for _, w := range words {
		if w[0] == code {
			return w[1]
		}
	}
	return code
}
