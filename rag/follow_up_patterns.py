"""How Chinese and English shorten a question that continues another one, as regular expressions.

The words are closed lists, collected by hand from follow-ups over newspaper pages and work reports.
"""

from __future__ import annotations

import re

from index.characters import IDEOGRAPHS

# Provinces and larger cities, which are often written without 市. Names that are words too (东方, 和平) are left out,
# and so are most counties: those are known where their suffix is written.
PLACES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|"
    "贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|郑州|洛阳|平顶山|安阳|鹤壁|新乡|焦作|濮阳|"
    "许昌|漯河|三门峡|南阳|商丘|信阳|周口|驻马店|济源|禹州|长葛|鄢陵|襄城|巩义|荥阳|新密|新郑|登封|偃师|舞钢|汝州|"
    "林州|卫辉|辉县|长垣|沁阳|孟州|义马|灵宝|邓州|永城|项城|石家庄|唐山|秦皇岛|邯郸|邢台|张家口|承德|沧州|廊坊|"
    "衡水|太原|阳泉|长治|晋城|运城|忻州|临汾|吕梁|呼和浩特|包头|鄂尔多斯|沈阳|大连|鞍山|抚顺|丹东|锦州|营口|长春|"
    "哈尔滨|齐齐哈尔|大庆|牡丹江|南京|无锡|徐州|常州|苏州|南通|连云港|淮安|盐城|扬州|镇江|泰州|宿迁|常熟|昆山|"
    "张家港|江阴|宜兴|杭州|宁波|温州|嘉兴|湖州|绍兴|金华|衢州|舟山|台州|丽水|义乌|合肥|芜湖|蚌埠|淮南|马鞍山|淮北|"
    "铜陵|安庆|黄山|滁州|阜阳|宿州|六安|亳州|池州|宣城|福州|厦门|莆田|泉州|漳州|龙岩|宁德|晋江|南昌|景德镇|萍乡|"
    "九江|新余|鹰潭|赣州|吉安|宜春|抚州|上饶|济南|青岛|淄博|枣庄|东营|烟台|潍坊|济宁|泰安|威海|日照|临沂|德州|"
    "聊城|滨州|菏泽|武汉|黄石|十堰|宜昌|襄阳|鄂州|荆门|孝感|荆州|黄冈|咸宁|随州|长沙|株洲|湘潭|衡阳|邵阳|岳阳|"
    "常德|张家界|益阳|郴州|永州|怀化|娄底|广州|深圳|珠海|汕头|佛山|江门|湛江|茂名|肇庆|惠州|东莞|中山|南宁|柳州|"
    "桂林|梧州|北海|海口|三亚|成都|绵阳|德阳|宜宾|南充|贵阳|遵义|昆明|大理|拉萨|西安|宝鸡|咸阳|渭南|延安|兰州|"
    "天水|酒泉|西宁|银川|乌鲁木齐|台北|台南|高雄|基隆|新竹|花莲|宜兰|屏东|澎湖|宜都"
)
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴"
    "夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文祖仝牛付"
)
IDEO = f"[{IDEOGRAPHS}]"
YEAR = "(?:(?:19|20)\\d\\d|[一二][〇零一二三四五六七八九]{3}(?=\\s*年))"
PERIOD = "(?:上半年|下半年|全年|年?底|年?末|年?初|度)"
ALONE = "(?:只看|单看|光看|光|只|仅|单)"
DATE = re.compile(
    f"(?<![\\d.,])(?P<year>{YEAR})(?=\\s*年|[^\\d\\w.,%]|$)(?:\\s*年{PERIOD}?)?(?P<day>\\s*\\d+\\s*月\\s*\\d+\\s*[日号])?"
    r"|(?P<relative>今年|去年|明年|前年|\b(?:this|last|next) year\b)"
)
ENGLISH_DAY = re.compile(r"\b\d+ [A-Z][a-z]+ (?:19|20)\d\d|\b[A-Z][a-z]+ \d{1,2}, (?:19|20)\d\d")
# A suffix makes a place only of a stem that begins at a boundary and is no part of a word (城市, 主板上市, 产业园区).
SUFFIXED = (
    f"(?:(?<!{IDEO})|(?<=[年月日的在对于是到与和市县区镇乡省]))(?:(?!那(?![曲坡])|[年月日的在对于是到与和了全本该各这几])"
    f"{IDEO}){{2,3}}?(?<![城超股上都地社小园辖街全发景灾新老校厂保])[市县区镇乡村省](?![场民值容域间])"
)
PLACE = f"(?:(?:{PLACES})[市省县]?|全省|全国|{SUFFIXED})(?!大学|日报|路)"
# What is named after or belongs to a place has no like in another: 长葛天健食品, 东湖社区, 许昌市委书记史根治.
LOCAL = re.compile(
    "公司|食品的|集团|厂|学校|中学|小学|大学|医院|社区|街道|小区|酒店|高速|(?<![公道铁线思])路|公园|(?<!农)村|[《“「]|"
    f"(?:书记|[市县区镇局院校]长|主任|经理)[{SURNAMES}]{IDEO}{{1,2}}(?!{IDEO}?[谁哪])"
)
VERBS = (
    "参加|出席|主持|负责|开通|举行|召开|开工|竣工|完工|建成|完成|举办|签约|签订|签|发布|发表|公布|开始|结束|提出|"
    "宣布|强调|指出|要求|提到|介绍|讲话|讲|说|做|作|办|建|拍|写|花|投资|增长|增加|减少|下降|多|少|开|参与|获奖|成立|投入|带领"
)
UNIT = (
    "(?:人次|万元|亿元|公里|平方米|个百分点|百分点|块钱|[个项元件名位次起处套条亩吨块号]|人(?![口均民大才数员])|"
    "家(?![庭长具电])|户(?!籍)|天(?!然)|年(?![轻龄])|月|日(?!本))"
)
ASKING = (
    "(?:多少|几|什么时候|什么时间|什么地方|什么原因|为什么|什么|为啥|啥时候|啥|为何|哪里|哪儿|哪些|哪几|哪一|哪|谁|怎么样|"
    "怎么|怎样|如何|何时|何地|多[大高长久远快]|是否|是不是|有没有|能不能|会不会)"
)
INTERROGATIVE = re.compile(f"{ASKING}|[吗吧]$")
RATES = "增长率|增速|增幅|涨幅|降幅|占比|比例|比重|排名|名次|位次"
AMOUNTS = (
    "面积|人口|数量|总量|总数|人数|金额|总额|总投资|投资额|价格|票价|单价|产值|利润|税收|收入|支出|规模|长度|高度|预算|"
    "成本|费用"
)
FACTS = "时间|日期|地点|地址|原因|目的|主题|目标|任务|内容|结果|负责人|主持人|来源"
MEASURE = f"(?:{RATES}|{AMOUNTS}|{FACTS})"
# 那 begins words and names as well: 那曲, 那里, 那个.
LEAD = "(?:那么|那(?![曲坡英拉里儿边些个时年天次场家位份篇座])|至于|还有|换成)[，,\\s]*"
ELLIPSIS = re.compile(
    f"(?:{LEAD})?(?P<what>[^，,；;。]{{1,25}}?)的?呢|{LEAD}(?P<bare>[^，,；;。]{{1,10}})|"
    f"(?P<year>{YEAR}\\s*年{PERIOD}?)"
)
MORE = re.compile(
    f"(?:{LEAD})?(?:还有|还有别的|还有其他的?|除此之外|除了这些)(?:呢|吗|还有什么|还有哪些|还有谁)?"
)
# A question of nothing but question words, measures, verbs that fit anything and particles has no subject.
BARE = re.compile(
    f"(?:{LEAD})?(?:这)?(?:{ASKING}|{VERBS}|{UNIT}|{MEASURE}|同比|环比|比上一?年|比去年|比前年|比{YEAR}年|一共|总共|大概|"
    "一般|分别|具体|然后|后来|的时候|时候|到底|主要|达到|占|又|还|也|共|都|是|有|在|由|能|会|要|了|过|的|呢|吗|呀|啊|人|钱)+"
)
DEFINITION = re.compile("什么(?:是|叫|时候是)")
HEADS = (
    "项目|工程|会议|活动|公司|企业|集团|计划|规划|政策|报告|改革|产业|园区|学校|医院|单位|机构|平台|文件|讲话|培训|"
    "城市|地方|地区|市|县|区|镇|乡|村|省|校|院|局|厂|人(?![口民大才])|负责人|书记|市长"
)
REFERRING = re.compile(
    f"(?:那么?(?=[他她它该其这])|请问|所以|但是?|对于|关于|从|除了|什么时候|为什么|怎么|谁是|{YEAR}年{PERIOD}?|，|\\s)*"
    "(?P<ref>(?:他们|她们|它们|它|他(?![人乡国山汀莫克])|她)|其(?P<among>中)|其(?![他它实余次间乐道中二三一])|"
    f"(?:该|[这那此][一]?[个项次场家位份座些])(?P<head>{HEADS})|前者|后者|上述|这里(?!面)|那里|那儿|那边|当地(?!时间)|"
    "这(?=比|是|占|和|与|跟|意味|说明|为什么|怎么)|这[个些](?=是|的|有|在|比)|同期|当时(?!的)|那时候?|当天)"
)
# 袁高磊对此怎么评价: the reference need not come first.
REFERRING_LATER = re.compile("[对为就与]此(?!同时)|此[后举](?!人)")

# What a question can be about by itself: a place, a figure or date, somebody. 全省 alone only compares.
OWN_TOPIC = re.compile(
    f"(?!全[省国]){PLACE}|(?<![第\\d])\\d|[一二三四五六七八九十]月|[A-Za-z]|[今去明]年|[我本]市|我们|"
    f"^[{SURNAMES}]{IDEO}{{1,2}}(?=(?:{VERBS}|[在是对]))|^谁是|"
    f"全[省国市县](?:的|有|共有)*(?:平均|人均)?(?:多少)?(?:人(?!均)|{MEASURE})"
)
QUOTED = re.compile("[《“「『]")
DATED = re.compile(f"{YEAR}\\s*年{PERIOD}?")
ORDINAL = "第[一二三四五六七八九十\\d]+(?:[个项名位条家点种步类次批]|(?=[是叫在]))"
CLASSIFIER = "(?:[座处册场支届种辆份批类只片条遍]|所(?!得|有)|本(?!科|地|市))"
# These belong to something, and without it nobody knows which are meant.
THINGS = (
    "工作|项目|企业|单位|机构|部门|领导|人员|情况|问题|措施|办法|方面|东西|事情|事(?!业|故)|要求|方式|方法|做法|经验|记者|专家|"
    "代表|从业人员|学员|学生|老师|居民|员工|职工|工人|客户|用户|成员|嘉宾|补贴|标准|条件|进度|资金|经费|成效|效果|反应|反响|水平|"
    "作用|意义|影响|特点|优势|不足|好处|细节|过程|背景|对象|范围|期限|业务|名称|名字|龙头|时速|速度|全长|总长|里程|产能|工期|造价"
)
# Verbs and small words that fit any topic.
DOINGS = (
    "部署|安排|落地|落实|实施|推进|推出|提高|提升|降低|高于|低于|占地|招收|出台|制定|刊登|登载|登出|评价|看待|回应|涉及|"
    "包括|包含|取得|获得|得到|打算|准备|计划|应该|可以|能够|需要|发(?![展生现动电明票言])|改(?![革造善厕良])|会(?![议场展计])"
)
COUNTED = (
    "加起来|合起来|加在一起|合计|总计|总共|一共|共计|累计|平均|人均|每[天年月个家人亩]|一[天年月](?!然)|同比|环比|相比|比|较|"
    "其余|剩下|分别|大概|大约|最[大小多少高低好差长短快早晚]|[十百千万亿成](?![年月])|全[省国市县]"
)
TIMES = (
    "前一年|上一年|上年|下一年|第二年|次年|同年|当年|年底|目前|眼下|如今|现在|当前|往年|后来|随后|之后|以后|以前|最后|最终|接下来|"
    "下一步|[上下首每]一?[次届轮批期]|会上|会后|在场|到场|现场|期间|已经|正在|曾经|至今|"
    "[两二三四五六七八九十几]年(?:下来|来|后|前|间)"
)
PARTICLES = (
    "具体|另外|此外|到底|究竟|主要|一般|其他|别的|[有一]些|些|没有$|第(?=几)|[这那]么[高低大小多少长短快慢好]?|"
    "[那而但可又才还也再则却都就并只仅已共约占排居超剩花请来去到出能要想是有在由被把给让跟和与从按对的地得了过着吗呢吧呀啊嘛等种各人钱算定收]"
)
# What is left of a question without these is what it names.
GENERIC = re.compile(
    f"{ASKING}|{VERBS}|{UNIT}|{MEASURE}|{ORDINAL}|{CLASSIFIER}|{THINGS}|{COUNTED}|{TIMES}|{DOINGS}|{PARTICLES}"
)
# A question that begins so goes on with something.
GOING_ON = re.compile(
    f"(?:那么?|而|可是?|但是?|不过|所以|请问)?[，,\\s]*(?:加起来|合起来|加在一起|合在一起|合计|其余|剩下|另外|此外|会上|会后|期间|"
    f"又(?!{IDEO}{{1,2}}又)|再(?!生|就业|造|贷)|还(?!款|原|建|贷|有|是)|也|才(?![艺能干华子人女智俊])|就(?![业医诊读学])|却|"
    "并(?![购网轨])|除了?[^，,]{1,8}[，,]?[还也又]|接下来|下一步|随后|之后|后来|最后|最终|前一年|上一年|上年|第二年|次年|同年|接着|"
    f"[比较与和跟同](?:上一?年|前一?年|去年|往年|全[省国市]|同期|计划|预期))"
)
# A question that begins so may go on with something, where little else is said; 评了几年, 卖到哪里 have no subject.
PERHAPS_GOING_ON = re.compile(
    f"{ORDINAL}|由(?=谁|哪)|谁[做给拍写定管带教讲派请提][的了]|[上下]一?[次届轮批期]|同一?批|主营|"
    f"主要(?=[^有是]{{1,4}}{ASKING})|已经|(?:总共|一共)(?!有)|如今|眼下|至今|到现在|之前|大概|分别|要不要|是不是|能不能|会不会|可不可以|"
    f"(?:{IDEO}{{1,2}}[了过]|{IDEO}[到进出给])(?={ASKING})"
)
# 需方又来了多少家, 全省才多少, 专家怎么看. In 什么时候才有 and 人才有 it is another word.
AGAIN = re.compile(
    f"(?<![既又])(?<!怎么)(?<!为什么)又(?![称名叫快]|{IDEO}{{1,2}}又)|(?<=[{IDEOGRAPHS}])也(?![许门])|"
    "(?<![人英天全良干])(?<!时候)(?<!何时)(?<!怎[么样])(?<!如何)才(?=多少|几|有|是|达|占)|"
    "(?<![原规细准法总])则(?=[是有来达])|占(?=多少|几|百分之)|(?:怎么|如何)(?:说|看|看待|评价|回应|解释|表态)$"
)
ASKS = re.compile(f"{ASKING}|(?P<verb>{IDEO})不(?P=verb)|(?:[吗吧]|没有)$")
# 长葛占多少, 全省平均才多少, 2019年禹州排第几: of what?
WITHOUT_MEASURE = re.compile(
    f"(?:{LEAD})?(?:排?在|到|占|同一?年|当年)?(?:{YEAR}\\s*年{PERIOD}?)?(?:在|到)?{PLACE}"
    "(?:平均|一共|总共|合计|累计|目前|现在|大概|增长|增加|减少|下降|达到|位列|[的则又才只仅也都共占排在是有达约里中了])*"
    f"(?:多少|第?几)(?:(?![人年月日天号]){UNIT})?[了呢]?|"
    f"(?:有没有|是不是|是否)?(?:高于|低于|超过|超出|达到|赶上)了?{PLACE}的?(?:平均)?(?:水平|数|值|线)?[了吗没有多少]*"
)
# 创新平台新增多少 after 规上工业企业新增多少: the same is asked about something else.
PARALLEL = re.compile(f"(?P<same>[^\\W\\d_是有为的在共]{{2}})[了过]?{ASKING}")
# 安全稳定方面提了什么要求: at which meeting, in which report?
OCCASION = re.compile("会议|全会|大会|[谈接告览]会|讲话|报告(?!会)|规划|方案|通知|意见|文件")
SAYING = re.compile(
    "(?:方面|领域|问题上?|工作上?|上)[又还都]?(?:提出|提|强调|要求|指出|部署|讲|说|谈|安排|交办|通报|传达|宣布)[了到出]*"
    "(?:什么|哪|几|多少)"
)
EITHER_SCRIPT = re.compile("[才里后只台系云干表准采]")
"""Simplified and traditional texts both have these, though a converter changes them."""
PLACE_REFERENCE = re.compile(
    "(?:该|这个?|那个?)[市县区镇乡村省]|这个?城市|那个?城市|该城市|这里|那里|那儿|那边|当地|它"
)
CONTINUES = re.compile(
    f"{LEAD}(?:{MEASURE}|(?:{HEADS})(?![民场里委]))(?:的?(?:是|有|叫|在))*{ASKING}.{{0,4}}"
)
# 那考上北大的是谁
THEN_WHICH = re.compile(
    f"(?:{LEAD})(?P<what>{IDEO}{{2,8}}?)的(?:又|还|都)?是(?:谁|哪|什么|多少|几){IDEO}{{0,4}}"
)
OF_OCCASION = re.compile(f"^会[上后]|{SAYING.pattern}|{AGAIN.pattern}")
QUESTIONING = re.compile(
    f"(?:^谁(?:{VERBS})了?)|"
    # The verb asks too: 会议是哪天召开的 is about 会议.
    f"(?:是|由|在)*(?:谁|哪[一]?[年天里儿]|哪个月|什么时候|何时|几月几[日号])(?:来)?(?:{VERBS}|登|写|拍摄?)?的$|"
    f"由?谁(?:{VERBS})了?$|"
    f"(?:(?:去|来|到|进|在|开进|开到|叫|是)了?)?哪[个家座所条位]{IDEO}{{0,4}}$|"
    f"(?:是|有|为|达到了?|管?到|叫|在|由|共|分别|各|排|位列|居)*第?{ASKING}(?:{UNIT}|{CLASSIFIER}|个?方面的)?|(?:了吧|[吗吧呢了])$"
)
OPPOSITES = (
    ("上半年", "下半年"),
    ("男", "女"),
    ("城镇", "农村"),
    ("城市", "农村"),
    ("上午", "下午"),
    ("国内", "国外"),
    ("进口", "出口"),
    ("供方", "需方"),
)
ENGLISH_LEAD = r"(?:(?:and|but|so|then|ok|well)\b[, ]*)?"
ENGLISH_ELLIPSIS = re.compile(
    rf"{ENGLISH_LEAD}(?:what|how) about (?P<what>.+)|(?:and|but|so|then)\b[, ]*(?P<bare>.+)|"
    rf"(?P<year>(?:in |for )?{YEAR})",
    re.I,
)
ENGLISH_VERB = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|had|will|would|can|could|should)\b",
    re.I,
)
ENGLISH_BARE = re.compile(
    rf"{ENGLISH_LEAD}(?:(?:who|what|which(?: ones?)?|when|where|why|how|how (?:many|much|long|often|so|come)|why not|"
    r"by how much|since when|in (?:what|which) year|what else|who else|"
    r"anything else|what (?:year|day|date|time|happened))"
    r"(?: (?:exactly|then|not|people|money|of them|attended|came|spoke|took part))*)",
    re.I,
)
# "it" of "is it true that", "does it take to" refers to what follows; "there are" refers to nothing.
ENGLISH_REFERRING = re.compile(
    rf"^{ENGLISH_LEAD}(?:(?:who|what|when|where|why|how|how many|how much|how long|which|whose|else|is|are|was|were|"
    r"do|does|did|has|have|had|will|would|can|could|about|of|from|in|with|not|people|year|day|besides|wh\w+'s)\s+)*"
    r"(?P<ref>he|she|him|his|her|they|them|their|its|it(?!(?: \w+)? (?:to|that|for|if)\b)|"
    r"(?:this|that|these|those) (?:project|meeting|company|city|county|event|plan|report|conference|place|person)s?|"
    r"(?:that|this)(?=$| (?:in|on|at|for)\b)|the same)\b"
    rf"|^{ENGLISH_LEAD}(?:who|what|when|where|why|how)(?: (?-i:[a-z]+)){{1,4}} (?P<last>him|her|them|it|there)$",
    re.I,
)
ENGLISH_OWN_TOPIC = re.compile(r"(?<!^)\b(?!I\b)[A-Z]|\d|[\"“”]")
ENGLISH_DEPENDENT = re.compile(
    r"\b(?:do|does|did|is|was|are|were|has|have|had|will|would|can|could|should|may|might|must) "
    r"(?:it(?!.*\b(?:to|that|if)\b)|they|he|she|that|these|those)\b|"
    r"\b(?:of|from|after|before|besides|by|with|since|than) (?:it|them|that|this|those|these|then)\b|"
    r"\bwho (?:else )?(?:was|were) there$|\b(?:it|them)$|"
    r"^(?:by|for|with|at|in|from|on|to|of|over|under|since|until) (?:which|what|whom) \w+$",
    re.I,
)
ENGLISH_BEGINNING = re.compile(r"^(?:and|but|so|then|also)\b", re.I)
ENGLISH_GOING_ON = re.compile(
    r"\b(?:in total|altogether|overall|combined|else|on average|each|another|others?|so far|"
    r"the (?:rest|remaining|latter|former|same)|(?:provincial|national) average|"
    r"(?:year|month|day) (?:before|after|earlier|later)|(?:previous|following|next) (?:year|month|day)|compared)\b",
    re.I,
)
ENGLISH_DEFINITION = re.compile(r"what (?:is|are) (?!the\b)", re.I)
ENGLISH_GENERIC = re.compile(
    "a|an|the|of|in|on|at|for|to|by|from|with|and|or|but|so|then|also|not|about|than|as|who|whom|whose|what|which|when|where|"
    "why|how|many|much|more|less|fewer|most|long|is|are|was|were|be|been|do|does|did|has|have|had|will|would|can|could|should|"
    "over|under|within|during|since|until|against|per|s|that|this|it|there|people|else|others?|another|each|all|both|any|ones?|only|just|even|now|still|along|exactly|"
    "total|altogether|overall|average|provincial|national|combined|compared|number|amount|share|rate|growth|increase|area|"
    "cost|price|budget|investment|dates?|times?|days?|years?|months?|places?|fares?|fees?|size|length|"
    "height|distance|capacity|deadline|conditions?|requirements?|funding|money|names?|staff|venue|reason|purpose|goal|target|theme|result|details|"
    "first|second|third|last|rest|same|main|largest|smallest|biggest|highest|lowest|before|after|earlier|later|previous|"
    "next|following|attended|came|went|spoke|said|done|held|signed|started|finished|completed",
    re.I,
)
# And how many households in total: another thing to count.
ENGLISH_COUNT = re.compile(
    rf"{ENGLISH_LEAD}how (?P<what>(?:many|much) [a-z-]+(?: [a-z-]+){{0,5}}?(?: in total| altogether| in all)?)",
    re.I,
)
_AFTER_VERB = "a|about|an|at|by|for|from|in|into|its|of|on|out|over|the|their|to|up|with"
ENGLISH_PAST = {
    "add": "added", "begin": "began", "bring": "brought", "build": "built", "buy": "bought", "come": "came",
    "cut": "cut", "fall": "fell", "find": "found", "get": "got", "give": "gave", "go": "went", "grow": "grew",
    "have": "had", "hold": "held", "keep": "kept", "lose": "lost", "make": "made", "meet": "met", "pay": "paid",
    "put": "put", "rise": "rose", "say": "said", "see": "saw", "sell": "sold", "set": "set", "spend": "spent",
    "take": "took", "tell": "told", "win": "won", "write": "wrote",
}  # fmt: skip
# "Designated" and the like stand before what is counted; at the end, and before a preposition, they are its verb.
ENGLISH_NO_COUNT = re.compile(
    rf"{ENGLISH_VERB.pattern}|\b(?:more|less|fewer|of|others?|another|it|they|them|that|this|those|these|then|there|"
    rf"{'|'.join(ENGLISH_PAST.values())}|\w+ed(?=$| (?:{_AFTER_VERB})\b))\b",
    re.I,
)
_AUXILIARY = "did|do|does|is|are|was|were|will|can|has|have|had"
ENGLISH_COUNTED = re.compile(
    rf"(?:how (?P<counts>many|much)|which) (?P<thing>[a-z\d][a-z-]*(?: [a-z-]+){{0,6}}?)"
    # Where "did somebody" follows, "specialised" is not the verb.
    rf"(?= (?:(?:{_AUXILIARY})\b|(?:\w+ed|{'|'.join(ENGLISH_PAST.values())})\b(?!.* (?:do|does|did) )))",
    re.I,
)
# After "the" or a genitive the verb is looked for before what may follow one.
ENGLISH_ASKED_OF = re.compile(
    rf"(?P<aux>{_AUXILIARY}) (?P<who>[A-Z][\w-]*(?: [A-Z][\w-]*)*|"
    rf"(?:the|its|our|[A-Z]\w*['’]s)(?: [\w'’-]+){{1,4}}?(?<!['’]s)(?= \w+(?:$| [A-Z\d]| (?:{_AFTER_VERB})\b))) "
    rf"(?P<verb>(?!(?:\w+s|{_AFTER_VERB})\b)\w+)(?P<rest>.*)"
)
# "What Changge invested", "the library opened": what is asked of an event.
ENGLISH_EVENT = re.compile(r"(?:(?P<amount>how much|what)|when|where|why|how)(?= did\b)", re.I)
# A follow-up that was put after its topic before.
ENGLISH_COMPLETED = re.compile(r"(?P<topic>[A-Z][^:]+): [a-z]")
ENGLISH_QUESTIONING = re.compile(
    r"^(?:who (?!is|are|was|were|has|had|will)\w+|how many|how much|how long|how|what|which|"
    r"who|whom|whose|when|where|why|in which|in what)\b"
    r"|\b(?:is|are|was|were|do|does|did|has|have|had|will|right)\b",
    re.I,
)
ENGLISH_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][a-z]+(?: [A-Z][a-z]+)*(?!-)\b")
NO_NAME = re.compile(
    "January|February|March|April|May|June|July|August|September|October|November|December|Party|I"
)
PERSON = re.compile(
    "(?:^|书记|[市县区镇省部厅局院所站校队]长|主任|经理|董事长|教授|老师|记者|主席|秘书长|导师|代表|"
    "[，。：:是由]|[A-Za-z](?= ))\\s*"
    f"(?P<name>[{SURNAMES}]{IDEO}{{1,2}}?)(?=$|[^{IDEOGRAPHS}]|{VERBS}|[作在的等和])"
)
ENGLISH_PERSON = re.compile(r"\b(?!The |Mayor |Vice |Party |Secretary )[A-Z][a-z]+ [A-Z][a-z]+\b")
