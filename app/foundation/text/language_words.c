/* foundation/text/language_words.c: the small words by which language_guess_take detects a
 * language.
 *
 * They are from the closed classes of words (articles, pronouns, prepositions, conjunctions,
 * auxiliary verbs) that every text of a few sentences has, in search form (foundation/text/fold.h):
 * lower case, composed. No single ASCII letters, because program text is full of them. A word that
 * several languages share is in each list; each list has enough words of its own. A script of only
 * one language needs no words: its letters are enough. */
#include "foundation/text/language.h"

const char *const language_words[LANGUAGES] = {
	[LANGUAGE_BASQUE] = "eta da ez bat dira zen izan ere dute edo baina hau hori egin du dago"
			    " bere duen zuen ziren den gure zer nola ditu beste baino",
	[LANGUAGE_CATALAN] = "el la els les de del dels que amb per una un és són està no però"
			     " com més als aquest aquesta també ha han seva seu molt on perquè"
			     " gràcies hi és",
	[LANGUAGE_DANISH] = "og er det den en et til af på som med har ikke de der for jeg vi du"
			    " var kan skal fra vil blev også efter hvor hvad eller meget nogle"
			    " hun kunne mig dig være blevet noget",
	[LANGUAGE_DUTCH] = "de het een en van ik is dat niet zijn met op te voor er aan die maar"
			   " om ook als bij nog naar dan wel heeft hebben wordt deze uit je wij"
			   " kan geen mijn worden hier",
	[LANGUAGE_ENGLISH] = "the and of to in is you that it for was on are with as this be have"
			     " from or not by at but what all were we when your can there use an"
			     " which their if will would about they has please my just don should",
	[LANGUAGE_FINNISH] = "ja on ei se että en hän oli joka mutta niin kun ovat minä sinä"
			     " myös tai jos sen ole olen kanssa mukaan tämä vain kuin nyt"
			     " voi sitä kaikki ettei",
	[LANGUAGE_FRENCH] = "le la les de des du et est un une que qui dans pour pas sur ce il au"
			    " avec ne se plus par je vous nous sont mais ou cette aux ont être"
			    " leur elle était bonjour merci votre",
	[LANGUAGE_GERMAN] = "der die das und ist in zu den nicht von mit sich des auf für ein eine"
			    " im dem auch es an werden aus er hat dass sie nach wird bei einer um"
			    " am sind noch wie einem über ich wir ihr aber oder haben zum zur",
	[LANGUAGE_HINDI] = "है के में की को से का और हैं यह नहीं पर ने कि भी था एक हो कर"
			   " लिए इस वह मैं आप हम",
	[LANGUAGE_HUNGARIAN] = "az és hogy nem is egy van meg de csak már ha volt kell vagy el"
			       " még mint ez azt ezt ami lesz én te minden nagyon után akkor",
	[LANGUAGE_INDONESIAN] = "yang dan di itu dengan untuk tidak ini dari dalam akan pada saya"
				" ke karena tersebut bisa ada mereka lebih kata tahun sudah atau"
				" kami anda kita adalah oleh juga",
	[LANGUAGE_IRISH] = "agus an na ar is go ní tá sé le bhí ag seo sin mar raibh atá níl ach"
			   " leis chun ó nó gach féin faoi iad siad",
	[LANGUAGE_ITALIAN] = "il di che è la un per in una non sono si da lo con del della dei"
			     " le al più anche come ma alla nel gli ho questo questa mi ci ha"
			     " degli delle nella perché molto",
	[LANGUAGE_LITHUANIAN] = "ir į kad yra su iš tai bet buvo kaip ne jis apie jo po už ar"
				" dar labai taip man ką mes jų arba prie per nuo",
	[LANGUAGE_NEPALI] = "छ र को मा ले पनि यो छन् हो गर्न भने थियो लागि गरेको छैन तर हुन"
			    " भएको गर्ने",
	[LANGUAGE_NORWEGIAN] = "og er det en et til av på som med har ikke de der for jeg vi du"
			       " var kan skal fra vil ble også etter hvor hva eller mye noen hun"
			       " kunne meg deg være blitt noe",
	[LANGUAGE_PORTUGUESE] = "de que do da em um para é com não uma os no se na por mais"
				" as dos como mas foi ao ele das tem à seu sua ou ser são você"
				" também isso muito está obrigado",
	[LANGUAGE_ROMANIAN] = "de și în la cu nu pe că un este care din pentru sunt să mai am"
			      " ce fi au ca dar dacă sau fost după foarte acest această",
	[LANGUAGE_RUSSIAN] = "и в не на что он с как это по но они мы она из за вы так его для же"
			     " от был если или было бы только есть мне уже все я у к когда"
			     " ещё вас при до очень",
	[LANGUAGE_SERBIAN] = "je da se na su za od sa nije ne što koji bi kao ili ali će iz to"
			     " biti ima samo kada sam smo kako po jer bio је и у да се на су"
			     " за од са није не што који би као или али ће из то бити има само"
			     " када сам смо како по јер био",
	[LANGUAGE_SPANISH] = "de la que el en los se del las un por con no una su para es al"
			     " lo como más pero sus le ya este sí porque esta entre cuando muy"
			     " sin sobre también me hasta hay está usted gracias yo nos",
	[LANGUAGE_SWEDISH] = "och att det en på är som för av med den till inte har de om ett"
			     " han var jag men vi från så kan när du ska eller också mycket efter"
			     " vad nu hon där mig dig bara",
	[LANGUAGE_TURKISH] = "bir ve bu da de için ile çok ben ne daha gibi ama var mı mi kadar"
			     " değil olarak sonra olan şey her biz siz yok ise veya en olduğu",
};
